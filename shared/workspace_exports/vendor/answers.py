"""What the vendor's error answers mean. One shape is documented, others are seen; all are read.

Source: the vendor's error code pages, and what its official SDK was observed to accept.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from workspace_exports.clock import utc_now
from workspace_exports.errors import (
    ExportError,
    Rejected,
    Throttled,
    Unauthorized,
    UnexpectedAnswer,
    VendorUnavailable,
)
from workspace_exports.quoting import line
from workspace_exports.vendor.retry import retry_after_seconds
from workspace_exports.vendor.skew import clock_skew, describe_skew

_TAGS = re.compile(r"<[^<>]*>")
_SET_THE_CLOCK = "Set the clock here right; a signature more than 15 minutes off is refused whatever the key."
_SHAPES = (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message"))
_WORTH_REPEATING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY}


_ADVICE = {
    "0101": "This endpoint does not offer the export: check WORKSPACE_REGION and WORKSPACE_ENDPOINT.",
    "0302": "Give the user the permission that the export needs.",
    "0307": "The token is no longer good, or of another region: sign in again.",
    "0310": "The project cannot be used: check HUAWEICLOUD_SDK_PROJECT_ID and that the account is in good standing.",
    "0501": "The quota is used up: raise it, or wait until it is renewed.",
}
"""By the number of a gateway code (its prefix is APIGW or APIG), where there is more to say than the class does."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """The vendor's own words in an error answer; None where it has none."""

    code: str | None
    reason: str | None
    request_id: str | None


def read_complaint(headers: Mapping[str, str], body: bytes) -> Complaint:
    """Finds code, reason and request id in whatever the vendor, its gateway or a proxy answered."""
    parsed = json_document(body)
    document = parsed if isinstance(parsed, dict) else {}
    nested = document.get("error")
    said = nested if isinstance(nested, dict) else document
    code, reason = next(
        ((said[code], said.get(reason)) for code, reason in _SHAPES if code in said), (None, _as_text(body))
    )
    request_id = headers.get("x-request-id") or headers.get("x-iam-trace-id") or said.get("request_id")
    return Complaint(line(code), line(reason), line(request_id))


def error_of(status: int, headers: Mapping[str, str], body: bytes, doing: str) -> ExportError:
    """The error that an answer other than 2xx stands for.

    Args:
        status: HTTP status.
        headers: looked up in lower case, as httpx allows.
        body: possibly cut; only its beginning matters, and nothing of a redirect's, which may be a signed URL.
        doing: what was asked for, for the sentence: "order the export".
    """
    complaint = read_complaint(headers, body if status >= HTTPStatus.BAD_REQUEST else b"")
    facts: dict[str, Any] = {
        "vendor_status": status,
        "vendor_code": complaint.code,
        "vendor_reason": complaint.reason,
        "vendor_request_id": complaint.request_id,
    }
    if advice := _ADVICE.get((complaint.code or "").rpartition(".")[2]):
        facts["advice"] = advice
    what = f"Could not {doing}: the vendor answered {status}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Throttled(what, retry_after_seconds=retry_after_seconds(headers, utc_now()), **facts)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return _unauthorized(what, headers.get("date"), facts)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _WORTH_REPEATING:
        return VendorUnavailable(what, **facts)
    if status >= HTTPStatus.BAD_REQUEST:
        return Rejected(what, **facts)
    return UnexpectedAnswer(
        f"{what}, which is no answer to that; redirects are never followed with credentials", **facts
    )


def _unauthorized(what: str, date: str | None, facts: Mapping[str, Any]) -> Unauthorized:
    skew = clock_skew(date, utc_now())
    if skew is None:
        return Unauthorized(what, **facts)
    return Unauthorized(f"{what}, and {describe_skew(skew)}", **{**facts, "advice": _SET_THE_CLOCK})


def json_document(body: bytes) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The body's JSON; None if it is none, or nested deeper than any answer is."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _as_text(body: bytes) -> str:
    """What a person would read; of a web page, the words."""
    text = body.decode("utf-8", errors="replace")
    return _TAGS.sub(" ", text) if text.lstrip().startswith("<") else text
