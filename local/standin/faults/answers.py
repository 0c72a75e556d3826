"""Answers that stand in the place of the right ones; the work is not done."""

import json
from collections.abc import Mapping

from local.standin.messages import JSON_TYPE, Answer


def answer(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
    """Answer exactly this instead of doing the work."""
    return Answer(status=status, headers=headers or {}, body=body)


def error(status: int, code: str, message: str) -> Answer:
    """Answer an error in the vendor's own shape; with status 200 it is an error inside a success."""
    body = json.dumps({"error_code": code, "error_msg": message}).encode()
    return answer(status, body, {"Content-Type": JSON_TYPE})


def throttled(retry_after: str | None = None) -> Answer:
    """Answer 429 with the gateway's text; ``retry_after`` goes out as written, sense or nonsense."""
    refused = error(429, "APIGW.0308", "The throttling threshold has been reached: policy user over ratelimit")
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Answer(status=429, headers={**refused.headers, **headers}, body=refused.body)


def server_error(status: int = 500) -> Answer:
    """Answer a failure of the service."""
    return error(status, "WKS.00211401", "Internal error, try again later")


def html_page(status: int) -> Answer:
    """Answer what a proxy says; with status 200 it is the wrong bytes of a download."""
    body = b"<html><head><title>proxy</title></head><body>The page you asked for is not here.</body></html>"
    return answer(status, body, {"Content-Type": "text/html; charset=utf-8"})


def redirect(status: int, location: str | None) -> Answer:
    """Point elsewhere; None names no place at all."""
    return answer(status, headers={} if location is None else {"Location": location})
