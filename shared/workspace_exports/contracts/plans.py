"""What plan-archive takes and returns."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from workspace_exports.contracts.base import Contract, Day, ProjectId
from workspace_exports.contracts.events import ExportRequest, Kind
from workspace_exports.exports import find_export


def _has_days(kind: str) -> str:
    if not find_export(kind).window.has_days:
        raise ValueError(f"{kind} is a snapshot of now and has no days to complete: order it with start-export")
    return kind


KindWithDays = Annotated[Kind, AfterValidator(_has_days)]


class PlanRequest(Contract):
    """Which part of the archive to complete; by default every day that can still be had, of all kinds but snapshots."""

    kinds: list[KindWithDays] | None = Field(default=None, min_length=1)
    project_id: ProjectId | None = None
    first_day: Day | None = None
    last_day: Day | None = None

    @model_validator(mode="after")
    def _range_runs_forward(self) -> Self:
        if self.first_day and self.last_day and self.first_day > self.last_day:
            raise ValueError(f"first_day {self.first_day} is after last_day {self.last_day}: swap them")
        return self


class Plan(Contract):
    """The whole days that are missing from the archive, oldest first, as start-export takes them."""

    exports: list[ExportRequest]
