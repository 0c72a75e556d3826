"""One handler for every way in: parse the input, run the use case, dump the result."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.typing import LambdaContext

from workspace_exports.contracts.base import Contract
from workspace_exports.contracts.parsing import parse
from workspace_exports.deadline import Deadline
from workspace_exports.entrypoint.route import Route
from workspace_exports.errors import ExportError, about
from workspace_exports.log import logger
from workspace_exports.settings import Settings

Event = dict[str, Any]
Handler = Callable[[Event, LambdaContext], Event]
Run = Callable[[object, LambdaContext], Event]
RequestT = TypeVar("RequestT", bound=Contract)
ResultT = TypeVar("ResultT", bound=Contract)
SettingsT = TypeVar("SettingsT", bound=Settings)

_LAST_WORDS_SECONDS = 1.0
"""Kept back from the function's time to say what went wrong."""


def entrypoint(
    use_case: Callable[[RequestT, SettingsT, Deadline], ResultT],
    request_type: type[RequestT],
    settings_type: type[SettingsT],
    route: Route | None = None,
) -> Handler:
    """A Lambda handler that runs the use case for direct invocations, schedules, and, with a route, HTTP.

    A direct invocation gets the error itself, whose class name the state machine matches; HTTP gets problem+json.
    """

    def run(document: object, context: LambdaContext) -> Event:
        deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000 - _LAST_WORDS_SECONDS)
        try:
            request = parse(request_type, document)
            logger.append_keys(**request.facts)
            with about(**request.facts):
                result = use_case(request, settings_type.read(os.environ), deadline)
        except ExportError as error:
            logger.warning("failed", error=type(error).__name__, detail=str(error))
            raise
        output = result.model_dump(mode="json", exclude_none=True)
        logger.info("done", **{name: output[name] for name in sorted(result.logged & output.keys())})
        return output

    def handler(event: Event, context: LambdaContext) -> Event:
        logger.set_correlation_id(context.aws_request_id)
        try:
            return _answer(route, run, event, context) if route and _is_http(event) else run(event, context)
        finally:
            logger.clear_state()

    return handler


def _is_http(event: object) -> bool:
    """An HTTP API event, payload format 2.0. Anything at all may be handed to a function."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    return isinstance(context, dict) and "http" in context


def _answer(route: Route, run: Run, event: Event, context: LambdaContext) -> Event:
    from workspace_exports.entrypoint.http import resolver  # noqa: PLC0415 - twice the import time, for HTTP only

    return resolver(route, run).resolve(event, context)
