"""The document."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any

from functions.fetch_file.app import ROUTE as FETCH_FILE
from functions.poll_status.app import ROUTE as POLL_STATUS
from functions.show_coverage.app import ROUTE as SHOW_COVERAGE
from functions.start_export.app import ROUTE as START_EXPORT
from local.openapi.schemas import filters, reference, schemas
from workspace_exports.core.contract import NAME, Contract
from workspace_exports.core.errors import (
    ArchiveUnavailable,
    ExportError,
    Misconfigured,
    Throttled,
    Unauthorized,
    UnexpectedAnswer,
    VendorUnavailable,
)
from workspace_exports.coverage.plans import PlanRequest
from workspace_exports.runtime import Route
from workspace_exports.runtime.http import Problem

Node = dict[str, Any]

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
ROUTES = {
    "startExport": START_EXPORT,
    "pollStatus": POLL_STATUS,
    "fetchFile": FETCH_FILE,
    "showCoverage": SHOW_COVERAGE,
}
"""By the names that a client made from the document calls them."""

EXAMPLE_DAY = date(2026, 11, 20)

_ALWAYS: tuple[type[ExportError], ...] = (
    Misconfigured,
    Unauthorized,
    UnexpectedAnswer,
    Throttled,
    VendorUnavailable,
    ArchiveUnavailable,
)
"""Of the deployment and of what it depends on, whatever is called."""

_JSON = "application/json"
_PROBLEM = "application/problem+json"
_STARTED = {
    "type": "object",
    "properties": {"executionArn": {"type": "string"}, "startDate": {}},
    "required": ["executionArn"],
}
_MESSAGE = {"type": "object", "properties": {"message": {"type": ["string", "null"]}}}
_BY_THE_GATEWAY = {
    name: {"description": what, "content": {_JSON: {"schema": _MESSAGE}}}
    for name, what in (
        ("NoToken", "There is no valid token; only where the deployment is set to tokens."),
        ("NotAllowed", "There is no valid signature, or its key may not make this call."),
        ("TooMany", "More calls than the gateway lets through; wait a second."),
    )
}
_REFUSED = {
    status: {"$ref": f"#/components/responses/{name}"}
    for status, name in (("401", "NoToken"), ("403", "NotAllowed"), ("429", "TooMany"))
}
_SIGNATURE = "AWS Signature Version 4; `curl --aws-sigv4 aws:amz:REGION:execute-api`."
_ANYTHING = "The local engine takes any value: type `local`. On AWS it is a Signature Version 4."
_OF_STEP_FUNCTIONS = (_JSON, "application/x-amz-json-1.0")
_NOT_TAKEN = "Step Functions did not take it: the input is not JSON, or too long."
_DESCRIPTION = """\
Orders exports of Huawei Cloud Workspace, brings them into the archive, and says what the archive has.

Calls are signed with AWS Signature Version 4 (service `execute-api`), or carry a JSON Web Token where the deployment
is set to that. What the gateway itself refuses (no credentials, no such route, too many calls) comes as
`{"message": "..."}`; everything else that goes wrong is an `application/problem+json`.

Repeating a call is safe: an order of the same thing is the same order, and a file lands once.
"""


def describe(example_day: date = EXAMPLE_DAY, server: str | None = None) -> Node:
    """The whole document.

    Args:
        example_day: in the examples; the vendor takes only days of the last month.
        server: where the API is; None for a deployment's address, with its parts to fill in.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "workspace-exports",
            "version": "1",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server} if server else _deployed()],
        "security": [{"signature": []}, {"token": []}],
        "paths": _paths(example_day),
        "components": {
            "securitySchemes": {
                "signature": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": _ANYTHING if server else _SIGNATURE,
                    "x-amazon-apigateway-authtype": "awsSigv4",
                },
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
            "schemas": _schemas(),
            "responses": _BY_THE_GATEWAY,
        },
    }


def _deployed() -> Node:
    return {
        "url": "https://{api}.execute-api.{region}.{domain}",
        "description": "The stack's output ApiUrl.",
        "variables": {
            "api": {"default": "a1b2c3d4e5"},
            "region": {"default": "eu-central-1"},
            "domain": {"default": "amazonaws.com", "description": "In China and the sovereign cloud, their own."},
        },
    }


def _schemas() -> dict[str, Node]:
    contracts: set[type[Contract]] = {Problem, PlanRequest}
    contracts |= {one for route in ROUTES.values() for one in (route.takes, *route.gives.values()) if one}
    found = schemas(sorted(contracts, key=lambda contract: contract.__name__))
    found["StartRequest"]["allOf"] = filters()
    # A later version may add to its answers; what it is sent it takes word by word.
    taken = {PlanRequest.__name__, *(route.takes.__name__ for route in ROUTES.values() if route.takes)}
    for name in found.keys() - taken:
        found[name].pop("additionalProperties", None)
    return found


def _paths(day: date) -> Node:
    paths: defaultdict[str, Node] = defaultdict(dict)
    examples = {START_EXPORT.path: _orders(day)}
    for name, route in ROUTES.items():
        paths[route.path][route.method.lower()] = _operation(name, route, examples.get(route.path, {}))
    paths["/archive-runs"]["post"] = _archive_runs(day)
    return dict(paths)


def _orders(day: date) -> Node:
    whole_day = {"kind": "connection-records", "day": str(day), "filters": {"terminal_type": "Windows 10"}}
    return {
        "snapshot": {"summary": "All desktops, as they are now", "value": {"kind": "desktops"}},
        "whole": {"summary": "One day", "value": {"kind": "app-user-access", "day": str(day)}},
        "day": {"summary": "One day, filtered", "value": whole_day},
    }


def _operation(name: str, route: Route, examples: Node) -> Node:
    operation: Node = {
        "operationId": name,
        "summary": route.summary,
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.takes and route.method != "GET":
        body = {"schema": reference(route.takes)} | ({"examples": examples} if examples else {})
        operation["requestBody"] = {"required": True, "content": {_JSON: body}}
    return operation


def _parameters(route: Route) -> list[Node]:
    in_path = ("task_id",) if "{task_id}" in route.path else ()
    task_id = {"type": "string", "pattern": NAME}
    parameters: list[Node] = [{"name": name, "in": "path", "required": True, "schema": task_id} for name in in_path]
    if route.takes and route.method == "GET":
        properties = schemas([route.takes])[route.takes.__name__]["properties"]
        parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in properties.items()]
    if route.without_content:
        parameters.append({"name": "If-None-Match", "in": "header", "schema": {"type": "string"}})
    return [*parameters, _REQUEST_ID]


_REQUEST_ID: Node = {
    "name": "X-Request-Id",
    "in": "header",
    "description": "Comes back with the answer and stands in the log, if it is made of up to 128 letters, digits, "
    "points, underscores and hyphens; else there is another one.",
    "schema": {"type": "string"},
}


def _responses(route: Route) -> Node:
    answers = {status: _success(route, status) for status in route.gives}
    answers |= {
        status: {"description": status.phrase, "headers": _headers(*_headers_of(route, status))}
        for status in route.without_content
    }
    problems: defaultdict[int, list[type[ExportError]]] = defaultdict(list)
    for error in (*route.raises, *_ALWAYS):
        problems[error.http_status].append(error)
    answers |= {HTTPStatus(status): _problem(errors) for status, errors in problems.items()}
    if route.too_early:
        answers[HTTPStatus.CONFLICT] = _described(route.too_early) | {"headers": _headers("Retry-After")}
    answers[HTTPStatus.SERVICE_UNAVAILABLE]["headers"] |= _headers("Retry-After")
    answers[HTTPStatus.SERVICE_UNAVAILABLE]["content"] |= {_JSON: {"schema": _MESSAGE}}
    return {str(int(status)): answer for status, answer in sorted(answers.items())} | _REFUSED


def _success(route: Route, status: HTTPStatus) -> Node:
    schema = reference(route.gives[status])
    content = {
        content_type: {"schema": schema if content_type == _JSON else {}} for content_type in route.content_types
    }
    headers = _headers(*_headers_of(route, status))
    return {"description": status.phrase, "headers": headers, "content": content}


def _headers_of(route: Route, status: HTTPStatus) -> Iterator[str]:
    if status is HTTPStatus.ACCEPTED:
        yield "Location"
    if status in route.gives and "wait_seconds" in route.gives[status].model_fields:
        yield "Retry-After"
    if route.without_content:
        yield from ("ETag", "Cache-Control")


def _problem(errors: list[type[ExportError]]) -> Node:
    return _described("; ".join(f"`{error.__name__}`: {error.title[0].lower()}{error.title[1:]}" for error in errors))


def _described(what: str) -> Node:
    return {"description": what, "headers": _headers(), "content": {_PROBLEM: {"schema": reference(Problem)}}}


def _headers(*names: str) -> Node:
    """X-Request-Id is always there; the others are where there is something to say."""
    return {name: {"schema": {"type": "string"}} for name in ("X-Request-Id", *names)}


def _archive_runs(day: date) -> Node:
    one_day = {"kinds": ["connection-records"], "first_day": str(day), "last_day": str(day)}
    examples = {
        "all": {"summary": "Every missing day", "value": {}},
        "one": {"summary": "One day of one kind", "value": one_day},
    }
    body = {"schema": reference(PlanRequest), "examples": examples}
    return {
        "operationId": "startArchiveRun",
        "summary": "Start the archive workflow",
        "description": "API Gateway starts it without a function in between: what the workflow finds wrong with the "
        "request ends the execution, not this call.",
        "requestBody": {"required": True, "content": {_JSON: body}},
        "responses": {
            "202": {"description": "Started", "content": {name: {"schema": _STARTED} for name in _OF_STEP_FUNCTIONS}},
            "400": {"description": _NOT_TAKEN, "content": {name: {} for name in _OF_STEP_FUNCTIONS}},
            **_REFUSED,
        },
    }
