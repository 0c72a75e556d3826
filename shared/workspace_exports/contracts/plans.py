"""What plan-archive takes and returns."""

from typing import Self

from pydantic import Field, model_validator

from workspace_exports.contracts.base import Contract, Day, ProjectId
from workspace_exports.contracts.events import ExportRequest, Kind


class PlanRequest(Contract):
    """Which part of the archive to complete; by default every day that can still be had, of every kind."""

    kinds: list[Kind] | None = Field(default=None, min_length=1)
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
