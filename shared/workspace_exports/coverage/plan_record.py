"""What plan-archive takes, writes and returns."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from workspace_exports.core.contract import Contract, CorrelationId, Day, ProjectId, Record, run_forward
from workspace_exports.events import ExportRequest, Kind, PlacedExport
from workspace_exports.exports import find_export


def _has_days(kind: str) -> str:
    if not find_export(kind).window.has_days:
        raise ValueError(f"{kind} is a snapshot of now and has no days to complete: order it with start-export")
    return kind


KindWithDays = Annotated[Kind, AfterValidator(_has_days)]
# A run's name becomes part of a key, an execution's name is AWS's own rule.
RunId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]
ExecutionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,80}$")]


class PlanRequest(Contract):
    """Which part of the archive to complete; by default every day that can still be had, of all kinds but snapshots.

    `correlation_id` names the run in every log; by default it is called as the run is.
    """

    kinds: list[KindWithDays] | None = Field(default=None, min_length=1)
    project_id: ProjectId | None = None
    first_day: Day | None = None
    last_day: Day | None = None
    correlation_id: CorrelationId | None = None

    _range_runs_forward = model_validator(mode="after")(run_forward)


class PlannedExport(Record):
    """One day to export: what start-export takes, its project named, and the name of the execution that does it."""

    name: ExecutionName
    export: ExportRequest

    def placed(self, at: datetime) -> PlacedExport:
        """The export as ordered at that time, which decides its keys in the archive."""
        return PlacedExport.model_validate(self.export.model_dump() | {"ordered_at": at})


MOST_PLANNED = 50_000
"""As many as one run's Map takes in; the rest is for the next run."""


class PlanLocation(Contract):
    """Where a plan is; without `bucket` the archive is not on S3, and `key` is below its URL."""

    bucket: str | None = None
    key: str


class PlannedRun(Contract):
    """What a run is to do, by name and by number, and how much it leaves to the next. The plan says what exactly."""

    logged: ClassVar[frozenset[str]] = frozenset({"run", "planned", "postponed"})

    run: RunId
    planned: int
    postponed: int = 0
    plan: PlanLocation
    correlation_id: CorrelationId | None = None
