"""Interpretation of the vendor's answers, by the same rules of status, headers and body for every request.

| the answer | stands for |
|---|---|
| 2xx that holds the requested content | that content |
| 4xx, or any status whose body names a known code | a refusal with code and words; the code decides its class |
| 2xx whose body names an unknown code | a refusal; its words decide its class |
| 5xx, 408, 425, a redirect, 2xx with anything else | `VendorUnavailable`: it may pass, so the call is retried |

`first_part` judges a success for a file by its status and headers alone. `tasks` raises `UnexpectedAnswer` for an
unknown status word of our own task.

Source: the vendor's error code pages, and the answers that its official SDK was observed to accept.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
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
from workspace_exports.core.redaction import sanitize

FoundT = TypeVar("FoundT")

_SET_THE_CLOCK = (
    "Correct this machine's clock; the vendor refuses a signature that is more than 15 minutes off, with any key."
)
_JSON_SHAPES = (
    ("error_code", "error_msg"),
    ("errorCode", "errorMsg"),
    ("code", "message"),
    ("Code", "Message"),
)
BLANKS = b"\xef\xbb\xbf \t\r\n"
"""Byte order mark and white space, which may stand before a document's first letter."""
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
"""Statuses by the number of a gateway code, whose prefix is APIGW or APIG.

0201 is left out because it comes with many statuses.
"""

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
"""Statuses by the words of a refusal whose status and code do not classify it.

The first pattern that matches the code or the words counts.

Source: the vendor's error pages in both languages, and the codes of its object storage.
"""

GIVE_PERMISSION = "Give the user the permission that the export needs."

_ADVICE = {
    "0101": "This endpoint does not offer the export: check WORKSPACE_REGION and WORKSPACE_ENDPOINT.",
    "0302": GIVE_PERMISSION,
    "0307": "The token is no longer valid, or of another region: sign in again.",
    "0310": "The project cannot be used: check HUAWEICLOUD_SDK_PROJECT_ID and that the account is in good standing.",
    "0501": "The quota is used up: raise it, or wait until it is renewed.",
}
"""Advice by the number of a gateway code, if the advice of the error's class is not enough."""


@dataclass(frozen=True)
class Answer:
    """Answer of the vendor, read to its end or as far as it matters.

    Attributes:
        headers: looked up in lower case, as httpx allows.
        body: possibly cut.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @cached_property
    def document(self) -> Any:  # noqa: ANN401 - any JSON value
        """JSON value of the body; None if the body is not JSON, or nested deeper than any real answer."""
        return json_document(self.body)

    @property
    def is_success(self) -> bool:
        """True for a 2xx."""
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_redirect(self) -> bool:
        """True for a 3xx. Its body is never read, because it may hold a signed URL."""
        return HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST

    @cached_property
    def vendor_error(self) -> "VendorError":
        """Words of the vendor in this answer."""
        return parse_error(self.headers, b"" if self.is_redirect else self.body)


@dataclass(frozen=True, slots=True)
class VendorError:
    """Words of the vendor in an error answer; a field is None if the answer lacks it.

    `detail` says more about the reason. `encoded` is the reason for a missing permission, in a form that only the
    vendor's STS can read.
    """

    code: str | None
    reason: str | None
    request_id: str | None
    detail: str | None = None
    encoded: str | None = field(default=None, repr=False)

    @property
    def names_an_error(self) -> bool:
        """True if the code stands for a refusal; some services put a code into every success."""
        return self.code is not None and _SAYS_ALL_IS_WELL.fullmatch(self.code) is None

    @property
    def status_of_code(self) -> int | None:
        """HTTP status that the code stands for; None if it stands for none.

        The code is either one of the gateway's that stands for one status only, or an HTTP error status itself.
        """
        if self.gateway_number:
            return _STATUS_OF_GATEWAY_CODE.get(self.gateway_number)
        found = _HTTP_ERROR.fullmatch(self.code or "")
        return int(found[1]) if found else None

    @property
    def status_of_words(self) -> int | None:
        """HTTP status that the words of code and reason stand for; None if they hold no known word."""
        said = f"{self.code or ''} {self.reason or ''}"
        return next((meant for meant, words in _STATUS_OF_WORDS if words.search(said)), None)

    @property
    def gateway_number(self) -> str:
        """Number of a gateway code; empty for any other code."""
        prefix, _, number = (self.code or "").upper().rpartition(".")
        return number if prefix in {"APIGW", "APIG"} else ""

    def status(self, status: int) -> int:
        """Return the status that classifies the refusal.

        A gateway code counts first; in a success any code that stands for a status does. Otherwise an error's own
        status counts. The words of a success decide last, and 400 is the default.
        """
        if self.status_of_code and (status < HTTPStatus.BAD_REQUEST or self.gateway_number):
            return self.status_of_code
        if status >= HTTPStatus.BAD_REQUEST:
            return status
        return self.status_of_words or HTTPStatus.BAD_REQUEST


def parse_error(headers: Mapping[str, str], body: bytes) -> VendorError:
    """Return the words of an error in an answer of the vendor, its gateway, its storage or a proxy."""
    said = _innermost(json_document(body))
    shapes = [(said[code], said.get(reason)) for code, reason in _JSON_SHAPES if code in said]
    code, reason = next((shape for shape in shapes if shape[0]), shapes[0] if shapes else _of_a_text(body))
    request_id = headers.get("x-request-id") or headers.get("x-iam-trace-id") or said.get("request_id")
    detail, encoded = said.get("error_detail"), said.get("encoded_authorization_message")
    return VendorError(
        sanitize(code),
        sanitize(reason),
        sanitize(request_id),
        sanitize(detail) if isinstance(detail, str) else None,
        encoded if isinstance(encoded, str) else None,
    )


def read_answer(answer: Answer, doing: str, find: Callable[[Answer], FoundT | None], lacks: str) -> FoundT:
    """Return the content of a success.

    Args:
        answer: of any status.
        doing: the requested action, for the sentence: "order the export".
        find: takes the content out of the answer; returns None if it is not there.
        lacks: the words for an answer without that content: "names no task".

    Raises:
        ExportError: the error that the answer stands for instead.
    """
    found = find(answer) if answer.is_success else None
    if found is not None and (found or not answer.vendor_error.names_an_error):
        return found
    if not answer.is_success or answer.vendor_error.names_an_error:
        raise to_exception(answer, doing)
    what = f"Could not {doing}: the vendor answered {answer.status} with {shape_of(answer)}, which {lacks}"
    facts = _facts(answer)
    if answer.document is not None:
        # The words may be another party's data, or a secret under an unknown name.
        facts["vendor_reason"] = None
    raise VendorUnavailable(what, retry_after_seconds=retry_after_seconds(answer.headers, utc_now()), **facts)


def to_exception(answer: Answer, doing: str) -> ExportError:
    """Return the error that a refusal of any status stands for.

    Args:
        answer: one of another status than 2xx, or a 2xx that names an error.
        doing: the requested action, for the sentence: "order the export".
    """
    vendor_error = answer.vendor_error
    facts = _facts(answer)
    if advice := _ADVICE.get(vendor_error.gateway_number):
        facts["advice"] = advice
    what = f"Could not {doing}: the vendor answered {answer.status}{' with an error' if answer.is_success else ''}"
    if answer.is_redirect:
        return VendorUnavailable(
            f"{what}, a redirect; redirects are never followed, as they would carry credentials elsewhere", **facts
        )
    status = vendor_error.status(answer.status)
    wait = retry_after_seconds(answer.headers, utc_now())
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(what, retry_after_seconds=wait, **facts)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _unauthorized(what, answer.headers.get("date"), facts)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _MAY_PASS:
        return VendorUnavailable(what, retry_after_seconds=wait, **facts)
    return Rejected(what, **facts)


def no_file(answer: Answer, doing: str) -> ExportError:
    """Return the error for a success without a file, or with a file whose completeness cannot be checked.

    An error that the body names comes first.
    """
    if answer.vendor_error.names_an_error:
        return to_exception(answer, doing)
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
    vendor_error = answer.vendor_error
    return {
        "vendor_status": answer.status,
        "vendor_code": vendor_error.code,
        "vendor_reason": ": ".join(filter(None, (vendor_error.reason, vendor_error.detail))) or None,
        "vendor_request_id": vendor_error.request_id,
    }


def _unauthorized(what: str, date: str | None, facts: Mapping[str, Any]) -> Unauthorized:
    skew = clock_skew(date, utc_now())
    if skew is None:
        return Unauthorized(what, **facts)
    return Unauthorized(f"{what}, and {describe_skew(skew)}", **{**facts, "advice": _SET_THE_CLOCK})


def shape_of(answer: Answer) -> str:
    """Return the shape of the answer's body as words for a sentence."""
    if not answer.body.strip():
        return "an empty body"
    if answer.document is not None:
        return "a JSON list" if isinstance(answer.document, list) else "JSON"
    return "a web page or XML" if answer.body.lstrip(BLANKS).startswith(b"<") else "text that is not JSON"


def json_document(body: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Return the body's JSON value; None if the body is not JSON, or nested deeper than any real answer."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _innermost(document: object) -> dict[str, Any]:
    """Return the object that holds code and reason: the document, its `error`, or the first item of a list."""
    if isinstance(document, list):
        document = document[0] if document else None
    if not isinstance(document, dict):
        return {}
    errors = document.get("errors")
    nested = document.get("error") or (errors[0] if isinstance(errors, list) and errors else None)
    return nested if isinstance(nested, dict) else document


def _of_a_text(body: bytes) -> tuple[str | None, str]:
    """Return a storage error's code, if there is one, and the readable text: a page's words without its tags."""
    text = body.decode("utf-8", errors="replace")
    if not text.lstrip().startswith("<"):
        return None, text
    code, reason = _XML_CODE.search(text), _XML_REASON.search(text)
    return (code[1], reason[1] if reason else "") if code else (None, _TAGS.sub(" ", text))
