"""Why an export failed: what record-failure keeps and returns."""

from typing import ClassVar

from pydantic import Field

from workspace_exports.core.contract import Record, UtcTime
from workspace_exports.core.error_text import Account


class Failure(Record):
    """Why the last attempt at an export failed; without meaning once its manifest is there.

    What is not known is absent: a request that is not understood has neither kind nor window, one that the vendor never
    accepted has no task.

    Attributes:
        window: `start/end` in UTC, empty where a bound is open.
        error: the class, `TaskFailed` or the platform's own, such as `Sandbox.Timedout`.
        what: what went wrong, one sentence.
        advice: what to do next.
        before: the failure of the first order, where this is the end of the second.
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
        """All of it, as an error's text."""
        first = f" This was the second order; the first ended in {self.before}" if self.before else ""
        said = self.model_dump(
            include={"vendor_code", "vendor_reason", "kind", "window", "task_id", "vendor_request_id"}
        )
        return str(Account(f"{self.what}{first}", self.advice, **said))


class ToldFailure(Failure):
    """A failure, and the text an execution ends with."""

    logged: ClassVar[frozenset[str]] = frozenset(
        {"kind", "window", "task_id", "error", "what", "vendor_code", "vendor_reason", "vendor_request_id", "before"}
    )

    cause: str
