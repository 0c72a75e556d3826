"""Failures in the archive: the last one of each export, so that a report can state why a day is missing."""

from typing import ClassVar

from pydantic import Field, ValidationError

from workspace_exports.archive.layout import failure_key
from workspace_exports.core.contract import Record, UtcTime
from workspace_exports.core.error_text import ErrorText
from workspace_exports.events import PlacedExport
from workspace_exports.storage.store import Store


class Failure(Record):
    """Reason why the last attempt at an export failed. It has no meaning once the export's manifest is there.

    Unknown facts are absent. A request that is not understood has neither kind nor window; one that the vendor never
    accepted has no task.

    Attributes:
        window: `start/end` in UTC, empty where a bound is open.
        error: the error's class: ours, such as `TaskFailed`, or the platform's, such as `Sandbox.Timedout`.
        what: one sentence on the error.
        advice: the next step for an operator.
        before: the failure of the first order, if this is the failure of the second.
    """

    schema_version: int = Field(default=1, ge=1)
    kind: str | None = None
    project_id: str | None = None
    window: str | None = None
    task_id: str | None = None
    error: str
    what: str
    vendor_code: str | None = None
    vendor_reason: str | None = None
    vendor_request_id: str | None = None
    advice: str
    before: str | None = None
    at: UtcTime

    @property
    def text(self) -> str:
        """Text of an error with all these facts."""
        first = f" This was the second order; the first ended in {self.before}" if self.before else ""
        said = self.model_dump(
            include={"vendor_code", "vendor_reason", "kind", "window", "task_id", "vendor_request_id"}
        )
        return str(ErrorText(f"{self.what}{first}", self.advice, **said))


class RecordedFailure(Failure):
    """Failure, and in `cause` the text with which an execution ends."""

    result_log_fields: ClassVar[frozenset[str]] = frozenset(
        {"kind", "window", "task_id", "error", "what", "vendor_code", "vendor_reason", "vendor_request_id", "before"}
    )

    cause: str


def write_failure(store: Store, export: PlacedExport, failure: Failure) -> None:
    """Write the failure, in place of an earlier one of the same export.

    Raises:
        ArchiveUnavailable: it cannot be written.
    """
    store.replace(failure_key(export), failure.model_dump_json(indent=2, exclude_none=True).encode())


def read_failure(store: Store, export: PlacedExport) -> Failure | None:
    """Return the failure of the last attempt at the export; None if there is none, or it is not understood.

    Only the manifest shows whether the export has landed since.

    Raises:
        ArchiveUnavailable: the archive cannot be read.
    """
    return read_failure_under(store, failure_key(export))


def read_failure_under(store: Store, key: str) -> Failure | None:
    """Return the failure under that key; None if there is none, or it is not understood.

    Raises:
        ArchiveUnavailable: the archive cannot be read.
    """
    try:
        return Failure.read(store.read(key) or b"")
    except ValidationError:
        return None
