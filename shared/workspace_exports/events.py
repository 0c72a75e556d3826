"""What the handlers take and return. Each one's output is the next one's input.

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
    """The vendor's words for the state of an export task."""

    CREATING = "CREATING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    EXPIRED = "EXPIRED"

    @property
    def is_terminal(self) -> bool:
        """Whether looking again could not change anything but SUCCESS into EXPIRED."""
        return self is not TaskStatus.CREATING


class ExportRequest(Contract):
    """What to export: a kind, a window, and the vendor's own filters.

    `day` stands for its two bounds; given together, they must agree. `correlation_id` is in every line of the log about
    the export, and in its manifest; it has no part in what the export is.
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
        """The window asked for, a day spelt out."""
        return Window.of_day(self.day) if self.day else Window(self.start_time, self.end_time)

    @property
    def facts(self) -> dict[str, str]:
        """Kind and window."""
        return {"kind": self.kind, "window": str(self.window)}


class StartRequest(ExportRequest):
    """What start-export takes: what to export, and the task to go on with, if that is to be one of its own orders."""

    task_id: TaskId | None = None

    def begun_by(self, call_id: str) -> Self:
        """The order of that call, unless it belongs to a chain already."""
        return self if self.correlation_id else self.model_copy(update={"correlation_id": call_id})


class PlacedExport(ExportRequest):
    """An export with all that decides its place in the archive: whose it is, and when it was ordered."""

    project_id: ProjectId
    ordered_at: UtcTime


class OrderedExport(PlacedExport):
    """An export the vendor has accepted, with everything resolved.

    `wait_seconds` says when to look at it next; 0 once there is nothing more to wait for. `adopted_at` is when a later
    start took over what an earlier one had ordered; from then on it has the time of a new order.
    """

    logged: ClassVar[frozenset[str]] = frozenset({"task_id", "adopted_at"})

    task_id: TaskId
    adopted_at: UtcTime | None = None
    wait_seconds: int = 0

    @property
    def watched_since(self) -> datetime:
        """When the start that this run came from ordered the task, or took it over."""
        return self.adopted_at or self.ordered_at

    @property
    def facts(self) -> dict[str, str]:
        """Kind, window and task."""
        return super().facts | {"task_id": self.task_id}


class ObservedExport(OrderedExport):
    """An ordered export and what the vendor's task list said of it last; `status` is None before the first look."""

    logged: ClassVar[frozenset[str]] = frozenset({"status", "fail_reason", "error_code", "wait_seconds"})

    status: TaskStatus | None = None
    file_name: str | None = None
    fail_reason: str | None = None
    error_code: str | None = None


class Outcome(StrEnum):
    """How an export ended in the archive."""

    LANDED = "landed"
    ALREADY_LANDED = "already-landed"
    EMPTY = "empty"


class Archived(Contract):
    """Where an export is in the archive. An empty one has no data object, hence neither `url` nor `key`."""

    outcome: Outcome
    url: str | None
    key: str | None
    manifest_key: str
    size_bytes: int
    sha256: str


class ArchivedExport(ObservedExport):
    """An export that is in the archive, verified."""

    logged: ClassVar[frozenset[str]] = frozenset({"archived"})

    archived: Archived


class DownloadableExport(ArchivedExport):
    """The same for a caller over HTTP: `download_url` reads that one file for a few minutes, without credentials.

    None for an empty export, and where the archive is in no storage that signs links. Never logged, never in a state.
    """

    download_url: str | None = None


class HandedOverExport(ObservedExport):
    """An export whose file takes longer than one call may: an execution of the export workflow brings it in."""

    logged: ClassVar[frozenset[str]] = frozenset({"execution_arn"})

    execution_arn: str
