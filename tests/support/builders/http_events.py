"""Events as the HTTP API hands them to a function, payload format 2.0."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode


def http_event(
    method: str,
    path: str,
    body: str | None = None,
    *,
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """One call; what AWS leaves out where there is none of it is left out."""
    context = {"http": {"method": method, "path": path}, "stage": "$default", "requestId": "gateway-1"}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {"content-type": "application/json", **(headers or {})},
        "requestContext": context,
        "isBase64Encoded": False,
    }
    return event | ({"queryStringParameters": {**query}} if query else {}) | ({} if body is None else {"body": body})
