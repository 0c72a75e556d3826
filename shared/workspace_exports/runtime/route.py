"""Declaration of a use case over HTTP: the reading of its request, and the answer from its result."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from workspace_exports.core.contract import Contract
from workspace_exports.core.errors import ExportError, Rejected
from workspace_exports.core.validation import parse
from workspace_exports.events import OrderedExport

JSON = "application/json"
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class HttpCall:
    """Call over HTTP, independent of the library that read it.

    Attributes:
        path_parameters: by the names in the route's path.
        query: by name; several values of one name are joined by commas.
        headers: by name in lower case.
        body: as it came.
    """

    path_parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def document(self) -> object:
        """Parsed JSON of the body.

        Raises:
            Rejected: the body is not JSON.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise Rejected(
                'The body is not JSON: send one JSON object, such as {"kind": "...", "day": "..."}'
            ) from None


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Answer to a call. `content` is text, in UTF-8 on the wire; it may be compressed if the caller accepts that."""

    status: HTTPStatus
    content: str = ""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


Read = Callable[[HttpCall, Any], Any]
Answer = Callable[[Any, HttpCall, Any], HttpAnswer]


def from_body(contract: type[Contract]) -> Read:
    """Return a reader that takes the body as the request, in its direct form."""
    return lambda call, _: parse(contract, call.document)


def from_query(contract: type[Contract]) -> Read:
    """Return a reader that takes the query's parameters as the request."""
    return lambda call, _: parse(contract, dict(call.query))


def as_json(
    result: Contract, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] = NO_HEADERS
) -> HttpAnswer:
    """Return an answer that holds the result as JSON."""
    return HttpAnswer(status, result.model_dump_json(exclude_none=True), headers=headers)


def retry_after(export: OrderedExport) -> dict[str, str]:
    """Return the header with the time until the next status check; empty where there is nothing to wait for."""
    return {"Retry-After": str(export.wait_seconds)} if export.wait_seconds else {}


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """Method and path of one use case.

    Attributes:
        method: as in template.yaml.
        path: as in template.yaml.
        summary: its purpose in a few words.
        read: makes the use case's request from the call and the function's settings.
        answer: makes the answer from the use case's result, the call and the settings.
        takes: the contract of the body, or of the query where the method is GET; None where the path holds all of it.
        gives: the contract of each success, by its status.
        raises: the errors beside those that any call may end in.
        too_early: the reason for which a call may come too early and get a 409; empty where none can.
        without_content: the statuses of answers without content.
        content_types: the content types of a success; the first one is the default.
    """

    method: str
    path: str
    summary: str
    read: Read
    answer: Answer
    takes: type[Contract] | None
    gives: Mapping[HTTPStatus, type[Contract]]
    raises: tuple[type[ExportError], ...] = ()
    too_early: str = ""
    content_types: tuple[str, ...] = (JSON,)
    without_content: tuple[HTTPStatus, ...] = ()

    @property
    def pattern(self) -> str:
        """Path with `<name>` for `{name}`."""
        return self.path.replace("{", "<").replace("}", ">")


Serve = Callable[[Route, HttpCall, LambdaContext], HttpAnswer]
"""Function that runs the use case of a route for one call."""
