"""Plans in the archive: JSON arrays with one planned export per line, so that neither side has to hold all of it."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import Field, StringConstraints, ValidationError, model_validator

from workspace_exports.archive.layout import day_order_key, plan_key
from workspace_exports.core.contract import Contract, CorrelationId, Day, ProjectId, Record, check_day_range
from workspace_exports.core.errors import ArchiveUnavailable, Rejected
from workspace_exports.core.nearest import did_you_mean
from workspace_exports.coverage.targets import Series, Target
from workspace_exports.events import ExportRequest, KindWithDays, PlacedExport
from workspace_exports.storage.store import Store

# A run's name becomes part of a key. The rule for an execution's name is AWS's.
RunId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
ExecutionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,80}$")]


class PlanRequest(Contract):
    """Part of the archive to complete; by default every day that can still be exported, of all kinds but snapshots.

    `correlation_id` names the run in every log; by default it is the run's name.
    """

    kinds: list[KindWithDays] | None = Field(default=None, min_length=1)
    project_id: ProjectId | None = None
    first_day: Day | None = None
    last_day: Day | None = None
    correlation_id: CorrelationId | None = None

    _range_runs_forward = model_validator(mode="after")(check_day_range)


class PlannedExport(Record):
    """One day to export: the request that start-export takes, with its project, and the name of its execution."""

    name: ExecutionName
    export: ExportRequest

    def placed(self, at: datetime) -> PlacedExport:
        """Return the export as ordered at that time, which decides its keys in the archive."""
        return PlacedExport.model_validate(self.export.model_dump() | {"ordered_at": at})


MOST_PLANNED = 50_000
"""Most exports that one run's Map takes in; the rest is left to the next run."""


class PlanLocation(Contract):
    """Place of a plan; without `bucket` the archive is not on S3, and `key` is below its URL."""

    bucket: str | None = None
    key: str


class PlannedRun(Contract):
    """Name of a run, and the number of exports it plans and of days it leaves to the next. The plan lists them."""

    result_log_fields: ClassVar[frozenset[str]] = frozenset({"run", "planned", "postponed"})

    run: RunId
    planned: int
    postponed: int = 0
    plan: PlanLocation
    correlation_id: CorrelationId | None = None


_DIGEST_LENGTH = 12


def execution_name(series: Series, day: date, planned_on: date) -> str:
    """Return the execution's name: equal exports that are planned on one day share it.

    A second run of that day thus meets the first one's execution. A name stays taken for 90 days, so that an export
    that failed needs another name on the next day.
    """
    thing = day_order_key(series.kind, series.project_id, day, series.filters)
    digest = hashlib.sha256(thing.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{planned_on:%Y%m%d}-{series.kind}-{day}-{digest}"


def write_plan(store: Store, run: str, exports: Iterable[PlannedExport]) -> int:
    """Stream the run's plan into the archive, and return the number of exports in it.

    Raises:
        ArchiveUnavailable: the storage refused; there is no plan.
    """
    lines = _Lines(exports)
    store.write(plan_key(run), lines)
    return lines.count


def read_plan(store: Store, run: str) -> Iterator[PlannedExport]:
    """Yield the exports that the run planned, in the plan's order.

    Raises:
        ArchiveUnavailable: there is no such plan, or it cannot be read.
    """
    try:
        for line in _lines(store.chunks(plan_key(run))):
            if item := line.strip(b"[],\n"):
                yield PlannedExport.read(item)
    except ValidationError as error:
        raise ArchiveUnavailable(f"The plan {plan_key(run)!r} is not one this version can read") from error


def plan_location(store: Store, run: str) -> PlanLocation:
    """Return the place where the state machine finds the run's plan."""
    url = urlsplit(store.url_of(plan_key(run)))
    if url.scheme == "s3":
        return PlanLocation(bucket=url.netloc, key=url.path.lstrip("/"))
    return PlanLocation(key=plan_key(run))


def asked_for(targets: Iterable[Target], request: PlanRequest) -> list[Series]:
    """Return the series of those targets that the request is for; by default all.

    Raises:
        Rejected: it names a project or a kind that no target has, or no target has both.
    """
    every = [series for target in targets for series in target.series()]
    found = [
        series
        for series in every
        if request.project_id in {None, series.project_id} and (not request.kinds or series.kind in request.kinds)
    ]
    unknown = [
        f"{name} {value} is in no target{did_you_mean(value, known)}"
        for name, value, known in (
            ("project_id", request.project_id, {series.project_id for series in every}),
            *(("kind", kind, {series.kind for series in every}) for kind in request.kinds or []),
        )
        if value and value not in known
    ]
    if unknown or not found:
        raise Rejected.because(unknown or ["no target has such a kind and project_id together"])
    return found


class _Lines:
    """JSON text of a plan; it counts the exports as they are read."""

    def __init__(self, exports: Iterable[PlannedExport]) -> None:
        self._exports = exports
        self.count = 0

    def __iter__(self) -> Iterator[bytes]:
        yield b"["
        for export in self._exports:
            yield b",\n" if self.count else b"\n"
            yield export.model_dump_json(exclude_none=True).encode()
            self.count += 1
        yield b"\n]\n"


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
    yield rest
