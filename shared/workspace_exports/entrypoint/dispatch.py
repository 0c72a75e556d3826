"""One handler for every way in: parse the input, run the use case, dump the result."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from aws_lambda_powertools.utilities.typing import LambdaContext

from workspace_exports.contracts.base import Contract
from workspace_exports.contracts.parsing import parse
from workspace_exports.deadline import Deadline
from workspace_exports.entrypoint.route import Route
from workspace_exports.errors import ExportError, Rejected, about
from workspace_exports.log import logger
from workspace_exports.settings import Settings

Event = dict[str, Any]
Handler = Callable[[Event, LambdaContext], Event]
RequestT = TypeVar("RequestT", bound=Contract)
ResultT = TypeVar("ResultT", bound=Contract)
SettingsT = TypeVar("SettingsT", bound=Settings)


@dataclass(frozen=True, slots=True)
class HttpCall:
    """One call over HTTP, whatever the library that read it.

    Attributes:
        path_parameters: by the names in the route's path.
        body: as it came.
    """

    path_parameters: Mapping[str, str]
    body: str

    @property
    def document(self) -> object:
        """The JSON in the body.

        Raises:
            Rejected: it is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Rejected(
                'The body is not JSON: send one JSON object, such as {"kind": "...", "day": "..."}'
            ) from None


Serve = Callable[[HttpCall, LambdaContext], Event]

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

    def run(read: Callable[[], RequestT], context: LambdaContext) -> Event:
        deadline = Deadline.after(context.get_remaining_time_in_millis() / 1000 - _LAST_WORDS_SECONDS)
        try:
            request = read()
            logger.append_keys(**request.facts)
            with about(**request.facts):
                result = use_case(request, settings_type.read(os.environ), deadline)
        except ExportError as error:
            logger.warning("failed", error=type(error).__name__, detail=str(error))
            raise
        output = result.model_dump(mode="json", exclude_none=True)
        logger.info("done", **{name: output[name] for name in sorted(result.logged & output.keys())})
        return output

    def serve(call: HttpCall, context: LambdaContext) -> Event:
        def read() -> RequestT:
            if route and route.recall:
                return cast("RequestT", route.recall(call.path_parameters, settings_type.read(os.environ)))
            return parse(request_type, call.document)

        return run(read, context)

    def handler(event: Event, context: LambdaContext) -> Event:
        logger.set_correlation_id(context.aws_request_id)
        try:
            if route and _is_http(event):
                return _answer(route, serve, event, context)
            return run(lambda: parse(request_type, event), context)
        finally:
            logger.clear_state()

    return handler


def _is_http(event: object) -> bool:
    """An HTTP API event, payload format 2.0. Anything at all may be handed to a function."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    return isinstance(context, dict) and "http" in context


def _answer(route: Route, serve: Serve, event: Event, context: LambdaContext) -> Event:
    from workspace_exports.entrypoint.http import resolver  # noqa: PLC0415 - twice the import time, for HTTP only

    return resolver(route, serve).resolve(event, context)
