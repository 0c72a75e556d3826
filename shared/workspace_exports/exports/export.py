"""What one export is: how to call it, what it takes, and how far back it reaches."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from workspace_exports.clock import to_wire
from workspace_exports.exports.parameters import Dependency, Filters, Parameter
from workspace_exports.exports.windows import Window, WindowRule
from workspace_exports.quoting import quoted


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """One of the vendor's export operations.

    GET creates as surely as POST does here: nothing about safety follows from `method`.
    """

    kind: str
    operation: str
    method: Literal["GET", "POST"]
    path: str
    content_type: str = "application/json"
    window: WindowRule
    parameters: tuple[Parameter, ...]
    dependencies: tuple[Dependency, ...] = ()

    def problems(self, window: Window, filters: Filters, now: datetime) -> list[str]:
        """Everything the vendor would refuse, in words that say what to change; empty if all is well."""
        known = {parameter.name: parameter for parameter in self.parameters}
        unknown = [
            f"{quoted(name)} is not a filter of {self.kind}: it has {', '.join(known)}"
            for name in filters
            if name not in known
        ]
        missing = [
            f"{p.name} is missing: {self.kind} needs it"
            for p in known.values()
            if p.mandatory and p.name not in filters
        ]
        wrong = [known[name].problem(value) for name, value in filters.items() if name in known]
        torn = [dependency.problem(filters) for dependency in self.dependencies]
        found = [*self.window.problems(window, now), *unknown, *missing, *wrong, *torn]
        return [problem for problem in found if problem]

    def wire_parameters(self, window: Window, filters: Filters) -> dict[str, object]:
        """What goes into the query (GET) or the body (POST), by the vendor's names."""
        bounds = {"start_time": window.start, "end_time": window.end}
        return {name: to_wire(at) for name, at in bounds.items() if at is not None} | dict(filters)
