"""Operator's list of projects in the archive."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Annotated, Self, cast

from pydantic import (
    AfterValidator,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from workspace_exports.archive.layout import SeriesName
from workspace_exports.client.regions import SERVICES
from workspace_exports.core.clock import utc_now
from workspace_exports.core.contract import REGION, Contract, ProjectId
from workspace_exports.core.errors import Misconfigured
from workspace_exports.core.nearest import did_you_mean
from workspace_exports.core.redaction import quoted
from workspace_exports.core.validation import problems
from workspace_exports.events import ExportRequest, KindWithDays
from workspace_exports.exports import EXPORTS, find_export
from workspace_exports.storage.store import Store

TARGETS_FILE = "targets.json"
_SECRET_ARN = r"^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@!-]+$"  # noqa: S105 - a pattern
_HOST = re.compile(
    rf"https://(?:{'|'.join(SERVICES)})(?:\.[a-z]{{2}}-[a-z]+-\d{{1,3}})?\.(?P<domain>[a-z0-9-]+\.[a-z]+)"
)
"""Hosts of the services, with or without a region. Other hosts of the vendor's may be a stranger's bucket."""
_ADVICE = f"Fix {TARGETS_FILE} in the archive; nothing is ordered until then."


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Settings that targets are checked against.

    Attributes:
        regions: the regions whose endpoints are known.
        domains: the vendor's domains; a signed request must not go anywhere else.
        own_endpoints: the endpoints that the deployment itself uses instead.
    """

    regions: frozenset[str]
    domains: frozenset[str]
    own_endpoints: frozenset[str] = frozenset()

    def allow(self, endpoint: str) -> bool:
        """Return whether signed requests may go to the endpoint: the vendor's, or one that the deployment uses."""
        found = _HOST.fullmatch(endpoint)
        return endpoint in self.own_endpoints or bool(found and found["domain"] in self.domains)


@dataclass(frozen=True, slots=True)
class Series:
    """Series that is archived day after day: one kind of one project, always with the same filters."""

    kind: str
    project_id: str
    filters: dict[str, JsonValue] = field(default_factory=dict, hash=False)

    @property
    def name(self) -> SeriesName:
        """Name of the series in keys."""
        return SeriesName.of(self.kind, self.project_id, self.filters)

    def of(self, day: date) -> ExportRequest:
        """Return the request for one day."""
        return ExportRequest(kind=self.kind, project_id=self.project_id, day=day, filters=self.filters)


def _endpoint(endpoint: str, info: ValidationInfo) -> str:
    bare = endpoint.rstrip("/")
    if not _surroundings(info).allow(bare):
        raise ValueError("must be https:// and a host of the vendor's, or the endpoint that the functions are set to")
    return bare


VendorEndpoint = Annotated[str, AfterValidator(_endpoint)]


class Target(Contract):
    """One project. A field that it leaves out has the value of the function's settings."""

    project_id: ProjectId
    endpoint: VendorEndpoint | None = None
    iam_endpoint: VendorEndpoint | None = None
    region: Annotated[str, StringConstraints(pattern=REGION)] | None = None
    credentials_secret_arn: Annotated[str, StringConstraints(pattern=_SECRET_ARN)] | None = None
    kinds: list[KindWithDays] | None = Field(default=None, min_length=1)
    filters: dict[KindWithDays, dict[str, JsonValue]] = Field(default_factory=dict)

    @field_validator("region")
    @classmethod
    def _has_an_endpoint(cls, region: str | None, info: ValidationInfo) -> str | None:
        known = _surroundings(info).regions
        if region and region not in known and info.data.get("endpoint", ...) is None:
            raise ValueError(
                f"{quoted(region)} is not known{did_you_mean(region, known)}: use one of {', '.join(sorted(known))}; "
                "for any other, give endpoint too"
            )
        return region

    @field_validator("filters")
    @classmethod
    def _fit(cls, filters: dict[str, dict[str, JsonValue]], info: ValidationInfo) -> dict[str, dict[str, JsonValue]]:
        kinds = info.data.get("kinds")
        wrong = [
            f"{kind} is not among kinds{did_you_mean(kind, kinds)}" for kind in filters if kinds and kind not in kinds
        ]
        wrong += [fault for kind, given in filters.items() for fault in find_export(kind).filter_problems(given)]
        if wrong:
            raise ValueError("; ".join(wrong))
        return filters

    def series(self) -> list[Series]:
        """Return every archived series of the project; by default all kinds but snapshots, which are never missing."""
        kinds = self.kinds or [kind for kind, export in EXPORTS.items() if export.window.has_days]
        return [Series(kind, self.project_id, self.filters.get(kind, {})) for kind in dict.fromkeys(kinds)]


@dataclass(frozen=True, slots=True)
class Targets:
    """All targets of the archive."""

    targets: tuple[Target, ...]

    @classmethod
    def parse(cls, content: bytes, surroundings: Surroundings) -> Self:
        """Return the targets that the file lists.

        Raises:
            Misconfigured: the file is invalid; the text names every wrong entry and field, and the change to make.
        """
        parsed = [_parsed(entry, surroundings) for entry in _entries(content)]
        targets = tuple(target for target in parsed if isinstance(target, Target))
        wrong = [
            f"targets[{n}].{fault}" for n, faults in enumerate(parsed) if isinstance(faults, list) for fault in faults
        ]
        wrong += _doubles(target.project_id for target in targets)
        if wrong:
            raise _broken(wrong)
        return cls(targets)

    def find(self, project_id: str) -> Target | None:
        """Return the target of that project; None if there is none."""
        return next((target for target in self.targets if target.project_id == project_id), None)


def _entries(content: bytes) -> list[object]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise _broken(["it is not JSON"]) from None
    if not isinstance(document, dict) or set(document) != {"targets"} or not isinstance(document["targets"], list):
        raise _broken(['it must be one object: {"targets": [...]}'])
    if not document["targets"]:
        raise _broken(["targets is empty: list at least one project"])
    return document["targets"]


def _parsed(entry: object, surroundings: Surroundings) -> Target | list[str]:
    try:
        return Target.model_validate(entry, context=surroundings)
    except ValidationError as error:
        return problems(Target, error)


def _doubles(project_ids: Iterable[str]) -> Iterator[str]:
    for project_id, times in Counter(project_ids).items():
        if times > 1:
            yield f"project_id {project_id} is listed {times} times: list it once"


def _broken(wrong: list[str]) -> Misconfigured:
    error = Misconfigured.because([f"{TARGETS_FILE}: {wrong[0]}", *wrong[1:]])
    error.next_step = _ADVICE
    return error


def _surroundings(info: ValidationInfo) -> Surroundings:
    return cast("Surroundings", info.context)


KEPT_FOR = timedelta(minutes=5)

_read: dict[tuple[str, Surroundings], tuple[datetime, Targets]] = {}
"""Targets by archive, kept for the life of the container."""


def read_targets(store: Store, surroundings: Surroundings) -> Targets:
    """Return the targets that the file lists now.

    Raises:
        Misconfigured: there is no such file, or it is invalid.
        ArchiveUnavailable: it cannot be read.
    """
    content = store.read(TARGETS_FILE)
    if content is None:
        raise Misconfigured(
            f"{TARGETS_FILE} is missing in the archive",
            advice=f"Put it at {store.url_of(TARGETS_FILE)}, or set ARCHIVE_TARGETS (in template.yaml, ArchiveTargets) "
            "to false.",
        )
    targets = Targets.parse(content, surroundings)
    _read[store.url, surroundings] = utc_now(), targets
    return targets


def refuse_targets(store: Store) -> None:
    """Raise if the archive has a list of projects, for a deployment that is set to one project.

    Raises:
        Misconfigured: there is a list of projects, which would be ignored.
        ArchiveUnavailable: the archive cannot be read.
    """
    if store.read(TARGETS_FILE) is not None:
        raise Misconfigured(
            f"{TARGETS_FILE} is in the archive, and the function is not set to read it",
            advice="Set ARCHIVE_TARGETS (in template.yaml, ArchiveTargets) to true, or remove the file.",
        )


def find_target(store: Store, project_id: str, surroundings: Surroundings) -> Target | None:
    """Return the project's entry, as it was read within the last five minutes; None if it has none now.

    Raises:
        Misconfigured, ArchiveUnavailable: as `read_targets`.
    """
    read_at, targets = _read.get((store.url, surroundings), (None, None))
    if targets and read_at and utc_now() - read_at < KEPT_FOR and (target := targets.find(project_id)):
        return target
    return read_targets(store, surroundings).find(project_id)
