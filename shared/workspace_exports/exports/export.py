"""Declaration of one export: its call, its parameters, and how far back it reaches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar
from urllib.parse import quote

from workspace_exports.core.nearest import did_you_mean
from workspace_exports.core.redaction import quoted
from workspace_exports.exports.actions import Action
from workspace_exports.exports.deliveries import TASK_FILE, Delivery
from workspace_exports.exports.dependencies import Dependency
from workspace_exports.exports.parameters import Filters, Parameter
from workspace_exports.exports.windows import Window, WindowRule

ValueT = TypeVar("ValueT")

Service = Literal["workspace", "appstream"]
"""Services of the vendor that take orders. The task list and the files are always the first one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """Declaration of one of the vendor's export operations.

    A GET creates a task here just as a POST does: `method` says nothing about safety.

    Attributes:
        kind: our name for it.
        meaning: contents of the file.
        operation: the vendor's name for it.
        method: HTTP method of the order; GET carries parameters in the query, POST in a JSON body.
        path: with `{project_id}`, and a placeholder for every parameter that is `in_path`.
        action: action that a policy must allow for an order, or the reason why there is none to name.
        older_actions: actions that only an older page of the vendor's names for the export. The pages do not say which
            accounts follow which, so a policy should allow them too.
        content_type: as the vendor's own client sends it.
        service: service that takes the order; in some regions it has a host of its own.
        limit_class: the gateway's name for a limit on calls that several exports share; None where none is documented.
        sure_to_be_listed: whether the vendor's pages say that the task appears in its task list. If they do not, and no
            task of the kind ever appears, the kind cannot be archived.
        replayable: whether the vendor recognizes a repeated order as the same one. The vendor documents no way to do
            so for any export.
        window: rule for its windows.
        parameters: filters that it takes.
        dependencies: rules about filters that depend on each other.
        delivery: way in which the data comes.
    """

    kind: str
    meaning: str
    operation: str
    method: Literal["GET", "POST"]
    path: str
    action: Action
    older_actions: tuple[str, ...] = ()
    content_type: str = "application/json"
    service: Service = "workspace"
    limit_class: str | None = None
    sure_to_be_listed: bool = True
    replayable: bool = False
    window: WindowRule
    parameters: tuple[Parameter, ...]
    dependencies: tuple[Dependency, ...] = ()
    delivery: Delivery = TASK_FILE

    def problems(self, window: Window, filters: Filters, now: datetime) -> list[str]:
        """Return every fault that the vendor would refuse, and what to change; empty if there is none."""
        return [*self.window.problems(window, now), *self.filter_problems(filters)]

    def filter_problems(self, filters: Filters) -> list[str]:
        """Return the faults of the filters, which do not depend on the time."""
        return [*self._unknown(filters), *self._missing(filters), *self._wrong(filters)]

    def resolved(self, filters: Mapping[str, ValueT]) -> dict[str, ValueT | str]:
        """Return the filters as ordered: a mandatory one that was not given gets its default, if it has one."""
        return {p.name: p.default for p in self.parameters if p.mandatory and p.default is not None} | dict(filters)

    def distinguishing(self, filters: Filters) -> dict[str, object]:
        """Return the filters that set an export apart from the unfiltered one: those that differ from their default."""
        defaults = {p.name: p.default for p in self.parameters if p.default is not None}
        return {name: value for name, value in filters.items() if name not in defaults or value != defaults[name]}

    def path_for(self, project_id: str, parameters: Filters) -> str:
        """Return the path to call, percent-encoded."""
        places = {name: parameters[name] for name in self._in_path}
        return self.path.format(project_id=project_id, **{k: quote(str(v), safe="~") for k, v in places.items()})

    def wire_parameters(self, window: Window, filters: Filters) -> dict[str, object]:
        """Return all parameters of the order by the vendor's names, those in the path included."""
        return self.window.form.parameters(window) | self.resolved(filters)

    def carried(self, parameters: Filters) -> dict[str, object]:
        """Return the parameters of the query (GET) or of the body (POST): all but those in the path."""
        return {name: value for name, value in parameters.items() if name not in self._in_path}

    @property
    def _in_path(self) -> set[str]:
        return {parameter.name for parameter in self.parameters if parameter.in_path}

    def _unknown(self, filters: Filters) -> Iterator[str]:
        names = [parameter.name for parameter in self.parameters]
        for name in filters:
            if name not in names:
                near = did_you_mean(name, names)
                yield f"{quoted(name)} is not a filter of {self.kind}{near}: it has {', '.join(names)}"

    def _missing(self, filters: Filters) -> Iterator[str]:
        given = self.resolved(filters)
        for parameter in self.parameters:
            if parameter.mandatory and parameter.name not in given:
                yield f"{parameter.name} is missing: {self.kind} needs it"

    def _wrong(self, filters: Filters) -> Iterator[str]:
        wrong = [p.problem(filters[p.name]) for p in self.parameters if p.name in filters]
        torn = [dependency.problem(filters) for dependency in self.dependencies]
        yield from (problem for problem in (*wrong, *torn) if problem)
