"""Answers to the HTTP API: a success has the form that its route declares, an error is an RFC 9457 problem."""

import json
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from math import ceil
from traceback import format_tb
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field

from workspace_exports.core.contract import Contract
from workspace_exports.core.errors import ExportError, Rejected
from workspace_exports.core.log import logger
from workspace_exports.runtime.correlation import RequestIds
from workspace_exports.runtime.route import NO_HEADERS, HttpAnswer, HttpCall, Route, Serve


class Problem(Contract):
    """Body of `application/problem+json`.

    Attributes:
        type: `about:blank`, because `error` names the type.
        title: the kind of problem.
        status: the HTTP status.
        detail: the problem, the vendor's words, the advice, and the facts of the export.
        error: the error's class, which a state machine matches too.
        vendor_code: the vendor's error code.
        vendor_request_id: the request id that the vendor's support asks for.
        task_id: the vendor's export task.
    """

    type: str = "about:blank"
    title: str
    status: int = Field(ge=400, le=599)
    detail: str
    error: str
    vendor_code: str | None = None
    vendor_request_id: str | None = None
    task_id: str | None = None


LARGEST_BODY_BYTES = 6_200_000
"""Largest body as a JSON string: Lambda's limit for a whole answer is 6 MiB, with the headers."""

PROBLEM = "application/problem+json"
_UNLESS_SAID = {"Cache-Control": "no-store", "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
_WORTH_COMPRESSING_CHARACTERS = 4096


def answer(route: Route, serve: Serve, event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Return the answer to an HTTP API event, in the gateway's format."""
    app = _resolver(route, serve)
    answered = app.resolve(event, context)
    size_bytes = len(json.dumps(answered["body"]))
    if size_bytes > LARGEST_BODY_BYTES:
        answered = _gateway_answer(_problem_of(_too_large(size_bytes)))
    answered["headers"] = {**_UNLESS_SAID, **answered["headers"], **RequestIds.of(event, context).headers}
    return answered


@lru_cache
def _resolver(route: Route, serve: Serve) -> APIGatewayHttpResolver:
    """Return the resolver of the route; it is cached for the life of the container."""
    # By default POWERTOOLS_DEV decides; it would print whole events with the caller's token.
    app = APIGatewayHttpResolver(debug=False)

    @app.route(route.pattern, method=route.method)
    def succeed(**path_parameters: str) -> Response[str]:
        event = app.current_event
        headers = {name.lower(): value for name, value in event.headers.items()}
        call = HttpCall(path_parameters, event.query_string_parameters, headers, _text(event))
        return _response(serve(route, call, app.lambda_context))

    def domain_error(error: ExportError) -> Response[str]:
        return _response(_problem_of(error))

    def internal_error(error: Exception) -> Response[str]:
        # The error's text may hold secrets; the places in its traceback do not.
        logger.error("internal error", error=type(error).__name__, places=format_tb(error.__traceback__))
        problem = Problem(title="The function failed", status=500, detail=_INTERNAL_ERROR_DETAIL, error="InternalError")
        return _response(_answer(problem))

    def not_found(_: Exception) -> Response[str]:
        what = f"There is no such route here: this function answers {route.method} {route.path}"
        return _response(_answer(Problem(title="No such route", status=404, detail=what, error="Rejected")))

    app.exception_handler(ExportError)(domain_error)
    app.exception_handler(Exception)(internal_error)
    app.not_found(not_found)
    return app


def _text(event: APIGatewayProxyEventV2) -> str:
    try:
        return event.decoded_body or ""
    except ValueError:
        raise Rejected("The body is not text in UTF-8") from None


_INTERNAL_ERROR_DETAIL = (
    "The function failed because of an internal error; its log says more under the X-Request-Id of this answer."
)


def _too_large(size_bytes: int) -> Rejected:
    return Rejected(
        f"The answer has {size_bytes:,} bytes, more than one answer may hold",
        advice="Accept gzip, or ask for one kind, one project, or fewer days.",
    )


def _problem_of(error: ExportError) -> HttpAnswer:
    problem = Problem(
        title=error.title,
        status=error.http_status,
        detail=str(error),
        error=type(error).__name__,
        vendor_code=error.vendor_code,
        vendor_request_id=error.vendor_request_id,
        task_id=error.task_id,
    )
    seconds = error.pause_seconds if error.retry_after_seconds is None else error.retry_after_seconds
    return _answer(problem, {} if seconds is None else {"Retry-After": str(ceil(seconds))})


def _answer(problem: Problem, headers: Mapping[str, str] = NO_HEADERS) -> HttpAnswer:
    return HttpAnswer(HTTPStatus(problem.status), problem.model_dump_json(exclude_none=True), PROBLEM, headers)


def _response(answer: HttpAnswer) -> Response[str]:
    return Response(
        status_code=answer.status,
        content_type=answer.content_type if answer.content else None,
        body=answer.content,
        headers={**answer.headers},
        compress=len(answer.content) > _WORTH_COMPRESSING_CHARACTERS,
    )


def _gateway_answer(answer: HttpAnswer) -> dict[str, Any]:
    return {
        "statusCode": int(answer.status),
        "headers": {"Content-Type": answer.content_type, **answer.headers},
        "body": answer.content,
        "isBase64Encoded": False,
    }
