"""What the vendor, its gateway or a proxy says instead of a success."""

import math
from collections.abc import Iterator

import httpx

from tests.fuzz.messages import check_line, each, read_message
from workspace_exports.client.answers import Answer, to_exception
from workspace_exports.core.error_text import ErrorText
from workspace_exports.core.errors import (
    ExportError,
    Rejected,
    Throttled,
    Unauthorized,
    VendorUnavailable,
)

_CLASSES: dict[int, type[ExportError]] = {
    401: Unauthorized,
    403: Unauthorized,
    408: VendorUnavailable,
    425: VendorUnavailable,
    429: Throttled,
}


def check(content: bytes) -> None:
    """Status and code decide on the class; the words are one short line each, and survive the state machine."""
    message = read_message(content)
    answer = Answer(message.status, httpx.Headers(message.sendable), message.body)
    error = to_exception(answer, "order the export")
    assert type(error) is _expected(answer)
    for words in (error.vendor_code, error.vendor_reason, error.vendor_request_id):
        check_line(words)
    seconds = error.retry_after_seconds
    assert seconds is None or (math.isfinite(seconds) and seconds >= 0)
    account = ErrorText.read(str(error))
    assert account.vendor_request_id == error.vendor_request_id or "," in f"{error.vendor_request_id}"


def _expected(answer: Answer) -> type[ExportError]:
    if answer.is_redirect:
        return VendorUnavailable
    status = answer.vendor_error.status(answer.status)
    if status in _CLASSES:
        return _CLASSES[status]
    return VendorUnavailable if status >= 500 else Rejected


def seeds() -> Iterator[bytes]:
    """Every shape that was ever seen."""
    return each(
        [
            (400, {"X-Request-Id": "r-1"}, b'{"error_code": "WKS.0001", "error_msg": "wrong"}'),
            (
                400,
                {},
                b'{"errorCode": "WKS.1", "errorMsg": "see https://obs.invalid/a?Signature=x", "request_id": "r"}',
            ),
            (401, {"Date": "Sun, 22 Nov 2026 04:30:00 GMT"}, b'{"error_code": "APIGW.0301", "error_msg": "no"}'),
            (403, {"X-IAM-Trace-Id": "t"}, b'{"error": {"code": "APIGW.0302", "message": "denied"}}'),
            (404, {}, b'{"code": 404, "message": {"a": ["\\u0000", "\\ud800", 1e999, null]}}'),
            (408, {}, b""),
            (429, {"Retry-After": "30"}, b'{"error_code": "APIGW.0308", "error_msg": "throttled"}'),
            (429, {"Retry-After": "Sun, 22 Nov 2026 04:31:00 GMT", "Date": "Sun, 22 Nov 2026 04:30:00 GMT"}, b"{}"),
            (502, {}, b"<html><head><title>502</title></head><body><p>Bad Gateway</p></body></html>"),
            (503, {}, "忙".encode("gb18030")),
            (302, {"Location": "https://elsewhere.invalid/?token=x"}, b"moved"),
            (500, {}, b"[" * 2000),
            (500, {}, b"<" * 2000),
            (500, {}, b'{"error_code": ' + b"9" * 5000 + b"}"),
        ]
    )
