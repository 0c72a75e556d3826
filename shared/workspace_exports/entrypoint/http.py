"""The HTTP API's way in: a JSON body is the direct form, an error is an RFC 9457 problem."""

import json
from functools import lru_cache
from http import HTTPStatus
from math import ceil
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response

from workspace_exports.entrypoint.dispatch import HttpCall, Serve
from workspace_exports.entrypoint.route import Route
from workspace_exports.errors import ExportError

_PROBLEM = "application/problem+json"


@lru_cache
def resolver(route: Route, serve: Serve) -> APIGatewayHttpResolver:
    """The route's resolver; kept for the life of the container."""
    app = APIGatewayHttpResolver()

    @app.route(route.path, method=route.method)
    def answer(**path_parameters: str) -> Response[str]:
        result = serve(HttpCall(path_parameters, app.current_event.decoded_body or ""), app.lambda_context)
        return _json(route.status, result, "application/json", route.headers(result))

    def explain(error: ExportError) -> Response[str]:
        return _json(HTTPStatus(error.http_status), _problem(error), _PROBLEM, _retry_after(error))

    app.exception_handler(ExportError)(explain)
    return app


def _problem(error: ExportError) -> dict[str, Any]:
    facts = {
        "vendor_code": error.vendor_code,
        "vendor_request_id": error.vendor_request_id,
        "task_id": error.task_id,
    }
    return {
        "type": "about:blank",
        "title": error.title,
        "status": error.http_status,
        "detail": str(error),
        "error": type(error).__name__,
    } | {name: value for name, value in facts.items() if value}


def _retry_after(error: ExportError) -> dict[str, str]:
    seconds = error.retry_after_seconds
    return {} if seconds is None else {"Retry-After": str(ceil(seconds))}


def _json(status: HTTPStatus, body: object, content_type: str, headers: dict[str, str]) -> Response[str]:
    return Response(status_code=status, content_type=content_type, body=json.dumps(body), headers={**headers})
