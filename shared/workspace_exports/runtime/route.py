"""How one use case looks over HTTP, as data: what makes its request, and what is made of its result."""

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
    """One call over HTTP, whatever the library that read it.

    Attributes:
        path_parameters: by the names in the route's path.
        query: by name; of several values of one name, they are joined by commas.
        headers: by name in lower case.
        body: as it came.
    """

    path_parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

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


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What goes back. `content` is text, in UTF-8 on the wire, and compressed there where the caller takes that."""

    status: HTTPStatus
    content: str = ""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


Read = Callable[[HttpCall, Any], Any]
Answer = Callable[[Any, HttpCall, Any], HttpAnswer]


def from_body(contract: type[Contract]) -> Read:
    """The body is the request, in its direct form."""
    return lambda call, _: parse(contract, call.document)


def from_query(contract: type[Contract]) -> Read:
    """The query's parameters are the request."""
    return lambda call, _: parse(contract, dict(call.query))


def as_json(
    result: Contract, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] = NO_HEADERS
) -> HttpAnswer:
    """The result as it is."""
    return HttpAnswer(status, result.model_dump_json(exclude_none=True), headers=headers)


def retry_after(export: OrderedExport) -> dict[str, str]:
    """When to look again, where there is something to wait for."""
    return {"Retry-After": str(export.wait_seconds)} if export.wait_seconds else {}


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """One method and path.

    Attributes:
        method: as in template.yaml.
        path: as in template.yaml.
        summary: what it does, in a few words.
        read: makes the use case's request from the call and the function's settings.
        answer: makes the answer from the use case's result, the call and the settings.
        takes: the contract of the body, or of the query where the method is GET; None where the path says it all.
        gives: the contract of each success, by its status.
        raises: the errors beside those that any call may end in.
        too_early: why a call may be refused for its time alone, with 409; empty where it never is.
        without_content: the statuses of answers that hold nothing.
        content_types: of a success, the one that is given unless another is asked for first.
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
        """The path with `<name>` for `{name}`."""
        return self.path.replace("{", "<").replace("}", ">")


Serve = Callable[[Route, HttpCall, LambdaContext], HttpAnswer]
"""Runs the use case behind a route for one call."""
