"""Handler for every kind of invocation: it parses the input, runs the use case and dumps the result."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from aws_lambda_powertools.utilities.typing import LambdaContext

from workspace_exports.core.contract import Contract
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import ExportError, Throttled, about
from workspace_exports.core.log import logger
from workspace_exports.core.validation import parse
from workspace_exports.metrics import collecting, count_throttling
from workspace_exports.runtime.correlation import RequestIds
from workspace_exports.runtime.route import HttpAnswer, HttpCall, Route, Serve
from workspace_exports.runtime.settings.base import Settings
from workspace_exports.runtime.settings.metrics_target import MetricsSettings

Event = dict[str, Any]
Handler = Callable[[Event, LambdaContext], Event]
RequestT = TypeVar("RequestT", bound=Contract)
ResultT = TypeVar("ResultT", bound=Contract)
SettingsT = TypeVar("SettingsT", bound=Settings)

_LAST_WORDS_SECONDS = 1.0
"""Part of the function's time that is reserved for its error."""

_cold_start = iter([True])
"""Iterator that gives True for the first call of a container only."""


def entrypoint(
    use_case: Callable[[RequestT, SettingsT, Deadline], ResultT],
    request_type: type[RequestT],
    settings_type: type[SettingsT],
    route: Route | None = None,
) -> Handler:
    """Return a Lambda handler that runs the use case for direct invocations, schedules and, with a route, HTTP.

    A direct invocation gets the error itself, because the state machine matches its class name. HTTP gets problem+json.
    """

    def run(read: Callable[[], RequestT], context: LambdaContext) -> ResultT:
        deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000 - _LAST_WORDS_SECONDS)
        request = read().with_correlation_id(logger.get_correlation_id() or context.aws_request_id)
        if request.known_correlation_id:
            logger.set_correlation_id(request.known_correlation_id)
        logger.append_keys(**request.log_fields)
        with about(**request.log_fields):
            result = use_case(request, settings_type.read(os.environ), deadline)
        facts = result.model_dump(mode="json", include=set(result.result_log_fields), exclude_none=True)
        logger.info("done", **{name: facts[name] for name in sorted(facts)})
        return result

    def serve(route: Route, call: HttpCall, context: LambdaContext) -> HttpAnswer:
        with _failures_logged():
            result = run(lambda: route.read(call, settings_type.read(os.environ)), context)
            return route.answer(result, call, settings_type.read(os.environ))

    def handler(event: Event, context: LambdaContext) -> Event:
        trace = RequestIds.of(event, context)
        logger.set_correlation_id(trace.correlation_id)
        logger.append_keys(cold_start=next(_cold_start, False), **trace.fields)
        counted = MetricsSettings.read(os.environ)
        try:
            with collecting(counted.namespace, counted.stack):
                if route and _is_http(event):
                    return _answer(route, serve, event, context)
                with _failures_logged():
                    return run(lambda: parse(request_type, event), context).model_dump(mode="json", exclude_none=True)
        finally:
            logger.clear_state()

    _end_of_start()
    return handler


def _end_of_start() -> None:
    """Switch the garbage collector on again, for all objects but the imported ones, which are never garbage."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()


@contextmanager
def _failures_logged() -> Iterator[None]:
    try:
        yield
    except ExportError as error:
        if isinstance(error, Throttled):
            count_throttling(error.kind)
        logger.warning("failed", error=type(error).__name__, detail=str(error))
        raise


def _is_http(event: object) -> bool:
    """Return whether this is an HTTP API event in payload format 2.0. A direct event may have any form."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    return isinstance(context, dict) and "http" in context


def _answer(route: Route, serve: Serve, event: Event, context: LambdaContext) -> Event:
    from workspace_exports.runtime.http import answer  # noqa: PLC0415 - twice the import time, for HTTP only

    return answer(route, serve, event, context)
