"""Contracts that the handlers take and return. The output of each handler is the input of the next one.

    StartRequest --start-export--> OrderedExport --poll-status--> ObservedExport --fetch-file--> ArchivedExport

Source: the project's public surface; changing a field needs a major version.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, JsonValue, WithJsonSchema, model_validator

from workspace_exports.core.contract import Contract, CorrelationId, Day, ProjectId, TaskId, UtcTime
from workspace_exports.core.nearest import did_you_mean
from workspace_exports.core.redaction import quoted
from workspace_exports.exports import EXPORTS, Window


def _known_kind(kind: str) -> str:
    if kind not in EXPORTS:
        raise ValueError(f"{quoted(kind)} is not known{did_you_mean(kind, EXPORTS)}: use one of {', '.join(EXPORTS)}")
    return kind


Kind = Annotated[str, AfterValidator(_known_kind), WithJsonSchema({"type": "string", "enum": list(EXPORTS)})]


def _has_days(kind: str) -> str:
    if not EXPORTS[kind].window.has_days:
        raise ValueError(f"{kind} is a snapshot of now and has no days to complete: order it with start-export")
    return kind


KindWithDays = Annotated[Kind, AfterValidator(_has_days)]


class TaskStatus(StrEnum):
    """States of an export task, in the vendor's words."""

    CREATING = "CREATING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    EXPIRED = "EXPIRED"

    @property
    def is_terminal(self) -> bool:
        """True if the vendor has ended the task; after that, only SUCCESS can still change, to EXPIRED."""
        return self is not TaskStatus.CREATING


class ExportRequest(Contract):
    """Request for an export: a kind, a window, and the vendor's own filters.

    `day` stands for its two bounds; if both are given, they must agree. `correlation_id` is in every line of the log
    about the export, and in its manifest; it does not distinguish one export from another.
    """

    kind: Kind
    project_id: ProjectId | None = None
    day: Day | None = None
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None
    filters: dict[str, JsonValue] = Field(default_factory=dict)
    correlation_id: CorrelationId | None = None

    @model_validator(mode="after")
    def _day_and_bounds_agree(self) -> Self:
        bounds = Window(self.start_time, self.end_time)
        if self.day and bounds != Window() and bounds != Window.of_day(self.day):
            raise ValueError("day and start_time or end_time contradict each other: give one or the other")
        return self

    @property
    def window(self) -> Window:
        """Requested window; a day is given as its two bounds."""
        return Window.of_day(self.day) if self.day else Window(self.start_time, self.end_time)

    @property
    def log_fields(self) -> dict[str, str]:
        """Kind and window, for logs and errors."""
        return {"kind": self.kind, "window": str(self.window)}


class StartRequest(ExportRequest):
    """Input of start-export: the requested export, and optionally the task of an earlier order of it to adopt."""

    task_id: TaskId | None = None

    def with_correlation_id(self, call_id: str) -> Self:
        """Return the request with the call's id as its correlation id, unless it has one already."""
        return self if self.correlation_id else self.model_copy(update={"correlation_id": call_id})


class PlacedExport(ExportRequest):
    """Export with everything that decides its place in the archive: its project, and the time of its order."""

    project_id: ProjectId
    ordered_at: UtcTime


class OrderedExport(PlacedExport):
    """Export that the vendor has accepted, with project, filters and task resolved.

    `wait_seconds` is the time until the next status check; 0 once there is nothing more to wait for. `adopted_at` is
    the time at which a later start adopted the order; from then on the export has the time of a new order.
    """

    result_log_fields: ClassVar[frozenset[str]] = frozenset({"task_id", "adopted_at"})

    task_id: TaskId
    adopted_at: UtcTime | None = None
    wait_seconds: int = 0

    @property
    def watched_since(self) -> datetime:
        """Time at which this run's start ordered or adopted the task."""
        return self.adopted_at or self.ordered_at

    @property
    def log_fields(self) -> dict[str, str]:
        """Kind, window and task, for logs and errors."""
        return super().log_fields | {"task_id": self.task_id}


class ObservedExport(OrderedExport):
    """Ordered export with the result of its last status check; `status` is None before the first one."""

    result_log_fields: ClassVar[frozenset[str]] = frozenset({"status", "fail_reason", "error_code", "wait_seconds"})

    status: TaskStatus | None = None
    file_name: str | None = None
    fail_reason: str | None = None
    error_code: str | None = None


class Outcome(StrEnum):
    """Results of an export in the archive."""

    LANDED = "landed"
    ALREADY_LANDED = "already-landed"
    EMPTY = "empty"


class Archived(Contract):
    """Place of an export in the archive. An empty one has no data object, hence neither `url` nor `key`."""

    outcome: Outcome
    url: str | None
    key: str | None
    manifest_key: str
    size_bytes: int
    sha256: str


class ArchivedExport(ObservedExport):
    """Export that is in the archive, verified."""

    result_log_fields: ClassVar[frozenset[str]] = frozenset({"archived"})

    archived: Archived


class DownloadableExport(ArchivedExport):
    """Archived export for a caller over HTTP: `download_url` reads its file for a few minutes, without credentials.

    It is None for an empty export, and where the archive's storage does not sign links. It is never logged and never
    in a state.
    """

    download_url: str | None = None


class DelegatedExport(ObservedExport):
    """Export whose file takes longer than one call may: an execution of the export workflow archives it."""

    result_log_fields: ClassVar[frozenset[str]] = frozenset({"execution_arn"})

    execution_arn: str
