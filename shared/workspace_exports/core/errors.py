"""Errors that the bundle raises on purpose. The class names the recovery and is a contract with `ErrorEquals`.

ExportError
├── Final                   a retry cannot help
│   ├── Rejected            the request is wrong, by our check or the vendor's 400
│   ├── Misconfigured       a setting of the function is missing or wrong
│   ├── Unauthorized        the vendor's 401 or 403
│   └── UnexpectedAnswer    the vendor says something this version does not know
├── Transient               wait, then retry the same call
│   ├── Throttled           retry no sooner than after retry_after_seconds
│   ├── VendorUnavailable   5xx, connection or timeout
│   └── ArchiveUnavailable  object storage refused or is not reachable
├── OrderAgain              this task will bring no file; order a new one, once
│   ├── TaskFailed          the vendor's FAIL
│   ├── TaskLost            the vendor's task list does not know the task
│   └── FileExpired         the vendor has removed the file
├── FetchAgain
│   └── BadFile             the downloaded bytes are not the file
└── LookLater
    └── DeadlineExceeded    still being made; a later run resumes the task
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any, ClassVar, Self

from workspace_exports.core.error_text import ErrorText

_MOST_PROBLEMS = 10
_PAUSE_SECONDS = 10
LONGEST_PAUSE_SECONDS = 900

NO_BYTES = "no bytes"
"""Statement of a task whose file has no bytes."""
NO_DATA = "no data"
"""Statement of a task that fails with a reason that means "no data"."""


class ExportError(Exception):
    """Base class of all errors: the problem, the vendor's words about it, and the advice.

    The text never holds a key, a token, a signature or a signed URL. Callers pass our own words as they are; they pass
    the vendor's words through `redaction.line`, which removes the query of every URL.

    Attributes:
        what: the problem in one sentence, without the advice.
        vendor_status: the HTTP status of the vendor's answer.
        vendor_code: the vendor's error code, for example `WKS.00211102` or `APIGW.0308`.
        vendor_reason: the vendor's own words.
        vendor_request_id: the request id that the vendor's support asks for.
        kind: the export, for example `connection-records`.
        task_id: the vendor's export task.
        window: `start/end` in UTC, empty where a bound is open.
        retry_after_seconds: seconds until a retry makes sense, where that is known.
        says: the task's statement, which counts once a second task makes the same one; None for an accident.
    """

    http_status: int = 500
    says: str | None = None
    title: ClassVar[str] = "The export failed"
    advice: ClassVar[str] = "Read the function's log for this request."

    def __init__(  # noqa: PLR0913 - every fact is optional and named
        self,
        what: str,
        *,
        advice: str | None = None,
        vendor_status: int | None = None,
        vendor_code: str | None = None,
        vendor_reason: str | None = None,
        vendor_request_id: str | None = None,
        kind: str | None = None,
        task_id: str | None = None,
        window: str | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.next_step = advice or self.advice
        self.vendor_status = vendor_status
        self.vendor_code = vendor_code
        self.vendor_reason = vendor_reason
        self.vendor_request_id = vendor_request_id
        self.kind = kind
        self.task_id = task_id
        self.window = window
        self.retry_after_seconds = retry_after_seconds

    @property
    def vendor_facts(self) -> dict[str, Any]:
        """Vendor's part of this error, for another error about the same answer."""
        return {
            "vendor_status": self.vendor_status,
            "vendor_code": self.vendor_code,
            "vendor_reason": self.vendor_reason,
            "vendor_request_id": self.vendor_request_id,
        }

    @property
    def account(self) -> ErrorText:
        """Parts of this error that the state machine gets."""
        return ErrorText(
            self.what,
            self.next_step,
            vendor_code=self.vendor_code,
            vendor_reason=self.vendor_reason,
            kind=self.kind,
            window=self.window,
            task_id=self.task_id,
            vendor_request_id=self.vendor_request_id,
            retry_after_seconds=None if self.pause_seconds is None else str(self.pause_seconds),
        )

    @property
    def pause_seconds(self) -> int | None:
        """Whole seconds that a caller should wait before a retry; None where this class of error names no time."""
        return None

    def __str__(self) -> str:
        """Return the text that the state machine gets."""
        return str(self.account)


class Final(ExportError):
    """Error that a retry cannot fix."""

    @classmethod
    def because(cls, problems: Sequence[str]) -> Self:
        """Return an error that names the first ten problems and the number of the others."""
        shown = [*problems[:_MOST_PROBLEMS], *(f"and {n} more" for n in [len(problems) - _MOST_PROBLEMS] if n > 0)]
        return cls("; ".join(shown))


class Rejected(Final):
    """Error of a request that our own check or the vendor (with a 400) has found wrong."""

    http_status = 400
    title = "The request is wrong"
    advice = "Fix the request; repeating it unchanged cannot help."

    @classmethod
    def too_early(cls, what: str, retry_after_seconds: float) -> Self:
        """Return the error of a request that is right but comes too early."""
        error = cls(what, advice="Wait, then repeat the call.", retry_after_seconds=retry_after_seconds)
        error.http_status = 409
        return error


class Misconfigured(Final):
    """Error of a setting of the function that is missing or wrong."""

    http_status = 500
    title = "The function is not configured"
    advice = "Set it in the function's environment (in template.yaml, a parameter) and deploy again."


class Unauthorized(Final):
    """Vendor's 401 or 403. It is never retried: repeated failures can lock the access key for minutes."""

    http_status = 502
    title = "The vendor refused the credentials"
    advice = "Check access key, secret key, project and the key's permissions; do not retry before that."


class UnexpectedAnswer(Final):
    """Vendor's answer that this version does not know. The error shows the answer and does not interpret it."""

    http_status = 502
    title = "The vendor's answer is not understood"
    advice = "Nothing was lost; report the answer to the maintainers of this bundle."


class Transient(ExportError):
    """Error after which the caller waits and then retries the same call."""


class Throttled(Transient):
    """Vendor's demand for fewer calls. Retry no sooner than after `retry_after_seconds`."""

    http_status = 503
    title = "The vendor is throttling"
    advice = "Try again later, with fewer calls at a time."

    @property
    def pause_seconds(self) -> int:
        """Whole seconds that the vendor asks for, 900 at most; ten where it names none."""
        asked = _PAUSE_SECONDS if self.retry_after_seconds is None else self.retry_after_seconds
        return min(ceil(asked), LONGEST_PAUSE_SECONDS)


class VendorUnavailable(Transient):
    """Vendor's answer of 5xx, or no answer at all."""

    http_status = 503
    title = "The vendor is not available"
    advice = "Try again later."


class ArchiveUnavailable(Transient):
    """Refusal by object storage, or object storage that is not reachable."""

    http_status = 503
    title = "The archive is not available"
    advice = "Check that the bucket exists and that the function may read and write it, then try again."


class OrderAgain(ExportError):
    """Error of a task that will bring no file. A new order of the same window may bring one; it is placed once."""


class TaskFailed(OrderAgain):
    """Error of a task that the vendor ended with FAIL."""

    http_status = 502
    title = "The vendor could not make the file"
    advice = "Order the export again, once; if it fails again, ask the vendor with the reason above."


class TaskLost(OrderAgain):
    """Error of a task that the vendor's task list does not know."""

    http_status = 404
    title = "The vendor does not know the task"
    advice = "Order the export again."


class FileExpired(OrderAgain):
    """Error of a file that was ready and that the vendor has removed since."""

    http_status = 410
    title = "The vendor has removed the file"
    advice = "Order the export again, while the vendor still has the window."


class FetchAgain(ExportError):
    """Error of a transfer whose task is good: download the file again."""


class BadFile(FetchAgain):
    """Download that is not the file: cut short, an error inside a 200, HTML, a wrong format.

    Attributes:
        is_whole: True if the download is complete, so that the vendor's file itself may be bad.
    """

    http_status = 502
    title = "The vendor sent something other than the file"
    advice = "Download again; nothing was archived."
    is_whole: bool = False


class LookLater(ExportError):
    """Error of a task that is not finished yet: check the same task later."""


class DeadlineExceeded(LookLater):
    """Error of a file that the vendor is still making at the deadline. A later run resumes the task that it names."""

    http_status = 504
    title = "The vendor is still making the file"
    advice = "Run the export again later: it resumes this task."


def error_named(name: str) -> type[ExportError] | None:
    """Return our error class of that name; None for one of the platform's errors and for any other name."""
    found = globals().get(name)
    return found if isinstance(found, type) and issubclass(found, ExportError) else None


@contextmanager
def about(
    *,
    kind: str | None = None,
    task_id: str | None = None,
    window: str | None = None,
    vendor_request_id: str | None = None,
) -> Iterator[None]:
    """Add the caller's facts to an `ExportError` raised in the block; facts that the error has already stay."""
    try:
        yield
    except ExportError as error:
        error.kind = error.kind or kind
        error.task_id = error.task_id or task_id
        error.window = error.window or window
        error.vendor_request_id = error.vendor_request_id or vendor_request_id
        raise
