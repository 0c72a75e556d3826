"""What an answer of the vendor's means: decided here once, from status, headers and body, whatever was asked for.

| the answer | stands for |
|---|---|
| 2xx that holds what was asked for | that |
| 4xx, or any status whose body names a known code | a refusal with code and words; the code decides its class |
| 2xx whose body names an unknown code | a refusal; its words decide its class |
| 5xx, 408, 425, a redirect, 2xx with anything else | `VendorUnavailable`: it may pass, so the call is made again |

A success for a file is judged in `first_part`, by its status and headers alone. An unknown status word of our own task
is `UnexpectedAnswer`; `tasks` finds it.

Source: the vendor's error code pages, and what its official SDK was observed to accept.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any, TypeVar

from workspace_exports.client.retry import retry_after_seconds
from workspace_exports.client.skew import clock_skew, describe_skew
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import (
    BadFile,
    ExportError,
    Rejected,
    Throttled,
    Unauthorized,
    VendorUnavailable,
)
from workspace_exports.core.redaction import line

FoundT = TypeVar("FoundT")

_SET_THE_CLOCK = "Set the clock here right; a signature more than 15 minutes off is refused whatever the key."
_JSON_SHAPES = (
    ("error_code", "error_msg"),
    ("errorCode", "errorMsg"),
    ("code", "message"),
    ("Code", "Message"),
)
BLANKS = b"\xef\xbb\xbf \t\r\n"
"""A byte order mark and white space: what may stand before a document's first letter."""
_TAGS = re.compile(r"<[^<>]*>")
_XML_CODE = re.compile(r"<(?:Code|error_code)>([^<>]{1,100})</")
_XML_REASON = re.compile(r"<(?:Message|error_msg)>([^<>]{0,1000})</")
_SAYS_ALL_IS_WELL = re.compile(r"0*|200|ok|success|false|none|null", re.IGNORECASE)
_MAY_PASS = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY}
_HTTP_ERROR = re.compile(r"([45]\d\d)(?:\.0)?")

_STATUS_OF_GATEWAY_CODE = {
    number: status
    for status, numbers in {
        400: "0104 0105 0106 0602 0607",
        401: "0301 0303 0305 0307 0311",
        403: "0302 0304 0306 0310 0401 0402 0404 0801 0802",
        404: "0101 0103",
        405: "0501 0502",
        429: "0308",
        500: "0601 0605 0606 0608 0609 0611 0612 0705",
        502: "0610",
        503: "0613",
    }.items()
    for number in numbers.split()
}
"""By the number of a code of the gateway (its prefix is APIGW or APIG). 0201 is left out: it comes with many."""

_STATUS_OF_WORDS = (
    (429, re.compile(r"rate ?limit|too ?(many|frequent)|throttl|flow ?control|slow ?down|频繁|限流", re.IGNORECASE)),
    (401, re.compile(r"(token|signature|password|credential|key|sign).{0,40}expire", re.IGNORECASE)),
    (
        403,
        re.compile(r"unauthori[sz]ed|forbidden|permission|denied|authent|credential|signature|权限", re.IGNORECASE),
    ),
    (410, re.compile(r"\bexpire[ds]?\b|过期", re.IGNORECASE)),
    (
        404,
        re.compile(r"not ?(be )?found|not exist|no ?such ?(key|file|task)|不存在", re.IGNORECASE),
    ),
    (503, re.compile(r"internal|unavailable|time[d -]?out|busy|retry|try again|繁忙|稍后", re.IGNORECASE)),
    (503, re.compile(r"maintenance|upgrading|(system|service) ?error", re.IGNORECASE)),
)
"""Of a refusal whose status and code do not say what it is: the first that fits its code or its words counts.

Source: the vendor's error pages in both languages, and the codes of its object storage.
"""

_ADVICE = {
    "0101": "This endpoint does not offer the export: check WORKSPACE_REGION and WORKSPACE_ENDPOINT.",
    "0302": "Give the user the permission that the export needs.",
    "0307": "The token is no longer good, or of another region: sign in again.",
    "0310": "The project cannot be used: check HUAWEICLOUD_SDK_PROJECT_ID and that the account is in good standing.",
    "0501": "The quota is used up: raise it, or wait until it is renewed.",
}
"""By the number of a gateway code, where there is more to say than the class does."""


@dataclass(frozen=True)
class Answer:
    """One answer, read to its end or as far as it matters.

    Attributes:
        headers: looked up in lower case, as httpx allows.
        body: possibly cut.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def document(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        """The body's JSON; None if it is none, or nested deeper than any answer is."""
        return json_document(self.body)

    @property
    def is_success(self) -> bool:
        """True for a 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_redirect(self) -> bool:
        """True for a 3xx. Its body is never read: it may hold a signed URL."""
        return HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST

    @cached_property
    def complaint(self) -> "Complaint":
        """The vendor's words in it."""
        return read_complaint(self.headers, b"" if self.is_redirect else self.body)


@dataclass(frozen=True, slots=True)
class Complaint:
    """The vendor's own words in an error answer; None where it has none."""

    code: str | None
    reason: str | None
    request_id: str | None

    @property
    def names_an_error(self) -> bool:
        """Whether its code is one that stands for a refusal; some services put one into every success."""
        return self.code is not None and _SAYS_ALL_IS_WELL.fullmatch(self.code) is None

    @property
    def status_of_code(self) -> int | None:
        """The status that its code stands for: one of the gateway's that stands for one only, or an HTTP status."""
        if self.gateway_number:
            return _STATUS_OF_GATEWAY_CODE.get(self.gateway_number)
        found = _HTTP_ERROR.fullmatch(self.code or "")
        return int(found[1]) if found else None

    @property
    def status_of_words(self) -> int | None:
        """The status that the words of code and reason stand for; None where they say nothing that is known."""
        said = f"{self.code or ''} {self.reason or ''}"
        return next((meant for meant, words in _STATUS_OF_WORDS if words.search(said)), None)

    @property
    def gateway_number(self) -> str:
        """The number of a code of the gateway; empty for any other code."""
        prefix, _, number = (self.code or "").upper().rpartition(".")
        return number if prefix in {"APIGW", "APIG"} else ""

    def status(self, status: int) -> int:
        """The status that its code stands for, else that of the answer; of a success, what its words say."""
        if self.status_of_code and (status < HTTPStatus.BAD_REQUEST or self.gateway_number):
            return self.status_of_code
        if status >= HTTPStatus.BAD_REQUEST:
            return status
        return self.status_of_words or HTTPStatus.BAD_REQUEST


def read_complaint(headers: Mapping[str, str], body: bytes) -> Complaint:
    """Finds code, reason and request id in whatever the vendor, its gateway, its storage or a proxy answered."""
    said = _innermost(json_document(body))
    shapes = [(said[code], said.get(reason)) for code, reason in _JSON_SHAPES if code in said]
    code, reason = next((shape for shape in shapes if shape[0]), shapes[0] if shapes else _of_a_text(body))
    request_id = headers.get("x-request-id") or headers.get("x-iam-trace-id") or said.get("request_id")
    return Complaint(line(code), line(reason), line(request_id))


def read_answer(answer: Answer, doing: str, find: Callable[[Answer], FoundT | None], lacks: str) -> FoundT:
    """What a success holds.

    Args:
        answer: of any status.
        doing: what was asked for, for the sentence: "order the export".
        find: takes it out of the answer; None where it is not there.
        lacks: what the answer lacks then: "names no task".

    Raises:
        ExportError: what the answer stands for instead.
    """
    found = find(answer) if answer.is_success else None
    if found is not None and (found or not answer.complaint.names_an_error):
        return found
    if not answer.is_success or answer.complaint.names_an_error:
        raise error_of(answer, doing)
    what = f"Could not {doing}: the vendor answered {answer.status} with {shape_of(answer)}, which {lacks}"
    facts = _facts(answer)
    if answer.document is not None:
        # Somebody else's data, or a secret under a name that is not known.
        facts["vendor_reason"] = None
    raise VendorUnavailable(what, retry_after_seconds=retry_after_seconds(answer.headers, utc_now()), **facts)


def error_of(answer: Answer, doing: str) -> ExportError:
    """The error that a refusal stands for, whatever its status.

    Args:
        answer: one of another status than 2xx, or a 2xx that complains.
        doing: what was asked for, for the sentence: "order the export".
    """
    complaint = answer.complaint
    facts = _facts(answer)
    if advice := _ADVICE.get(complaint.gateway_number):
        facts["advice"] = advice
    what = f"Could not {doing}: the vendor answered {answer.status}{' with an error' if answer.is_success else ''}"
    if answer.is_redirect:
        return VendorUnavailable(
            f"{what}, a redirect; redirects are never followed, as they would carry credentials elsewhere", **facts
        )
    status = complaint.status(answer.status)
    wait = retry_after_seconds(answer.headers, utc_now())
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(what, retry_after_seconds=wait, **facts)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _unauthorized(what, answer.headers.get("date"), facts)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _MAY_PASS:
        return VendorUnavailable(what, retry_after_seconds=wait, **facts)
    return Rejected(what, **facts)


def no_file(answer: Answer, doing: str) -> ExportError:
    """The error for a success that holds no file, or none that can be told to be whole; a refusal in it comes first."""
    if answer.complaint.names_an_error:
        return error_of(answer, doing)
    if answer.status == HTTPStatus.ACCEPTED:
        wait = retry_after_seconds(answer.headers, utc_now())
        what = "The vendor answered 202: the file is not ready yet"
        return VendorUnavailable(what, retry_after_seconds=wait, vendor_status=answer.status)
    if answer.status == HTTPStatus.PARTIAL_CONTENT:
        return BadFile(
            "A part of the file came (206), though all of it was asked for, and it does not say that it begins at the "
            "first byte and how long the file is"
        )
    return BadFile(f"The vendor answered {answer.status} where a file was asked for")


def _facts(answer: Answer) -> dict[str, Any]:
    complaint = answer.complaint
    return {
        "vendor_status": answer.status,
        "vendor_code": complaint.code,
        "vendor_reason": complaint.reason,
        "vendor_request_id": complaint.request_id,
    }


def _unauthorized(what: str, date: str | None, facts: Mapping[str, Any]) -> Unauthorized:
    skew = clock_skew(date, utc_now())
    if skew is None:
        return Unauthorized(what, **facts)
    return Unauthorized(f"{what}, and {describe_skew(skew)}", **{**facts, "advice": _SET_THE_CLOCK})


def shape_of(answer: Answer) -> str:
    """Return what its body looks like, for a sentence."""
    if not answer.body.strip():
        return "an empty body"
    if answer.document is not None:
        return "a JSON list" if isinstance(answer.document, list) else "JSON"
    return "a web page or XML" if answer.body.lstrip(BLANKS).startswith(b"<") else "text that is not JSON"


def json_document(body: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The body's JSON; None if it is none, or nested deeper than any answer is."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _innermost(document: object) -> dict[str, Any]:
    """Return the object that holds code and reason: the document, its `error`, or the first of a list of them."""
    if isinstance(document, list):
        document = document[0] if document else None
    if not isinstance(document, dict):
        return {}
    errors = document.get("errors")
    nested = document.get("error") or (errors[0] if isinstance(errors, list) and errors else None)
    return nested if isinstance(nested, dict) else document


def _of_a_text(body: bytes) -> tuple[str | None, str]:
    """Return a storage error's code, if there is one, and what a person would read: of a page, the words."""
    text = body.decode("utf-8", errors="replace")
    if not text.lstrip().startswith("<"):
        return None, text
    code, reason = _XML_CODE.search(text), _XML_REASON.search(text)
    return (code[1], reason[1] if reason else "") if code else (None, _TAGS.sub(" ", text))
