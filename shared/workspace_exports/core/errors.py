"""Every error the bundle raises on purpose. The class names the recovery and is a contract with `ErrorEquals`.

ExportError
├── Final                   a retry cannot help
│   ├── Rejected            the request is wrong, by our check or the vendor's 400
│   ├── Misconfigured       a setting of the function is missing or wrong
│   ├── Unauthorized        the vendor's 401 or 403
│   └── UnexpectedAnswer    the vendor says something this version does not know
├── Transient               back off, then do the same again
│   ├── Throttled           no sooner than retry_after_seconds
│   ├── VendorUnavailable   5xx, connection or timeout
│   └── ArchiveUnavailable  object storage refused or is away
├── OrderAgain              this task is beyond help, a new one may do: once
│   ├── TaskFailed          the vendor's FAIL
│   ├── TaskLost            the vendor's task list does not know the task
│   └── FileExpired         the file was ready once and is gone
├── FetchAgain
│   └── BadFile             what came down is not the file
└── LookLater
    └── DeadlineExceeded    still being made; a later run goes on with the task
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
"""Statement of a task whose file comes without a byte."""
NO_DATA = "no data"
"""Statement of a task that ends with a reason that means so."""


class ExportError(Exception):
    """What went wrong, what the vendor said about it, and what to do next.

    The text never holds a key, a token, a signature or a signed URL: callers pass our own words, and the vendor's
    through `quoting.line`, which cuts the query off every URL.

    Attributes:
        what: one sentence, without the advice.
        vendor_status: the HTTP status of the vendor's answer.
        vendor_code: the vendor's error code, for example `WKS.00211102` or `APIGW.0308`.
        vendor_reason: the vendor's own words.
        vendor_request_id: what the vendor's support asks for.
        kind: the export, for example `connection-records`.
        task_id: the vendor's export task.
        window: `start/end` in UTC, empty where a bound is open.
        retry_after_seconds: when to come back, where that is known.
        says: what the task says by it, to be believed once a second task says the same; None for an accident.
    """

    http_status: int = 500
    says: str | None = None
    title: ClassVar[str] = "The export failed"
    advice: ClassVar[str] = "Look at the function's log for this request."

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
        """What the vendor said, for another error about the same answer."""
        return {
            "vendor_status": self.vendor_status,
            "vendor_code": self.vendor_code,
            "vendor_reason": self.vendor_reason,
            "vendor_request_id": self.vendor_request_id,
        }

    @property
    def account(self) -> ErrorText:
        """What is known, in the parts that survive the way to the state machine."""
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
        """When a caller that has time is to come back, in whole seconds; None where the error says nothing of it."""
        return None

    def __str__(self) -> str:
        """The text that reaches the state machine."""
        return str(self.account)


class Final(ExportError):
    """A retry cannot help."""

    @classmethod
    def because(cls, problems: Sequence[str]) -> Self:
        """All problems in one text, unless they are more than anybody would read."""
        shown = [*problems[:_MOST_PROBLEMS], *(f"and {n} more" for n in [len(problems) - _MOST_PROBLEMS] if n > 0)]
        return cls("; ".join(shown))


class Rejected(Final):
    """The request is wrong, by our check or by the vendor's 400."""

    http_status = 400
    title = "The request is wrong"
    advice = "Mend the request; repeating it as it is cannot help."

    @classmethod
    def too_early(cls, what: str, retry_after_seconds: float) -> Self:
        """Nothing is wrong with the request but its time."""
        error = cls(what, advice="Wait, then ask again.", retry_after_seconds=retry_after_seconds)
        error.http_status = 409
        return error


class Misconfigured(Final):
    """A setting of the function is missing or wrong."""

    http_status = 500
    title = "The function is not configured"
    advice = "Set it in the function's environment (in template.yaml, a parameter) and deploy again."


class Unauthorized(Final):
    """The vendor's 401 or 403. Never looped: repeated failures can lock the access key for minutes."""

    http_status = 502
    title = "The vendor refused the credentials"
    advice = "Check access key, secret key, project and the key's permissions; do not retry before that."


class UnexpectedAnswer(Final):
    """The vendor says something this version does not know: shown, never guessed at."""

    http_status = 502
    title = "The vendor's answer is not understood"
    advice = "Nothing was lost; report the answer to the maintainers of this bundle."


class Transient(ExportError):
    """Back off, then do the same again."""


class Throttled(Transient):
    """Try again, no sooner than `retry_after_seconds`."""

    http_status = 503
    title = "The vendor is throttling"
    advice = "Try again later, with fewer calls at a time."

    @property
    def pause_seconds(self) -> int:
        """As the vendor asks, within bounds; where it does not say, ten seconds."""
        asked = _PAUSE_SECONDS if self.retry_after_seconds is None else self.retry_after_seconds
        return min(ceil(asked), LONGEST_PAUSE_SECONDS)


class VendorUnavailable(Transient):
    """The vendor answered 5xx, or nothing at all."""

    http_status = 503
    title = "The vendor is not available"
    advice = "Try again later."


class ArchiveUnavailable(Transient):
    """Object storage refused the call or is away."""

    http_status = 503
    title = "The archive is not available"
    advice = "Check that the bucket exists and that the function may read and write it, then try again."


class OrderAgain(ExportError):
    """This task is beyond help; a new order of the same window may do. Once."""


class TaskFailed(OrderAgain):
    """The vendor ended the task with FAIL."""

    http_status = 502
    title = "The vendor could not make the file"
    advice = "Order the export again, once; if it fails again, ask the vendor with the reason above."


class TaskLost(OrderAgain):
    """The vendor's task list does not know the task."""

    http_status = 404
    title = "The vendor does not know the task"
    advice = "Order the export again."


class FileExpired(OrderAgain):
    """The file was ready once; the vendor has removed it since."""

    http_status = 410
    title = "The vendor has removed the file"
    advice = "Order the export again, while the window can still be asked for."


class FetchAgain(ExportError):
    """The task is fine, the transfer was not: download again."""


class BadFile(FetchAgain):
    """What came down is not the file: cut short, an error inside a 200, HTML, a wrong format.

    Attributes:
        is_whole: all came that was to come, so that the vendor's file itself may be bad.
    """

    http_status = 502
    title = "What the vendor sent is not the file"
    advice = "Download again; nothing was archived."
    is_whole: bool = False


class LookLater(ExportError):
    """Nothing is wrong yet; come back later for the same task."""


class DeadlineExceeded(LookLater):
    """Still being made at the deadline; the task id is named, and a later run goes on with that task."""

    http_status = 504
    title = "The vendor is still making the file"
    advice = "Run the export again later: it goes on with this task."


def error_named(name: str) -> type[ExportError] | None:
    """The class of that name; None for the platform's own, and for anything else."""
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
    """Adds what the caller knows to whatever `ExportError` passes through; what is known already stays."""
    try:
        yield
    except ExportError as error:
        error.kind = error.kind or kind
        error.task_id = error.task_id or task_id
        error.window = error.window or window
        error.vendor_request_id = error.vendor_request_id or vendor_request_id
        raise
