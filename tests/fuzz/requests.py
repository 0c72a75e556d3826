"""What callers send: over HTTP as a body or a query, to a function as a document."""

import json
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from tests.fuzz.messages import Message, each, read_message
from tests.support.builders.examples import NOW, PROJECT_ID, observed_export
from tests.support.builders.http_events import http_event
from tests.support.lambda_context import CONTEXT
from workspace_exports.archive.execution_failure import FailedExecution
from workspace_exports.archive.layout import manifest_key
from workspace_exports.client.signing import encode_query
from workspace_exports.core.contract import Contract
from workspace_exports.core.errors import ExportError, Rejected
from workspace_exports.core.validation import parse
from workspace_exports.coverage.ledger_record import CoverageRequest
from workspace_exports.coverage.plans import PlanRequest
from workspace_exports.coverage.reports import ReportRequest
from workspace_exports.events import ObservedExport, PlacedExport, StartRequest
from workspace_exports.exports import find_export
from workspace_exports.runtime import Handler, Route, as_json, entrypoint, from_body, from_query
from workspace_exports.runtime.settings.base import Settings


def _echoing(method: str, path: str, takes: type[Contract], read: Callable[..., Any]) -> Handler:
    route = Route(
        method, path, "", read, lambda result, _, __: as_json(result), takes=takes, gives={HTTPStatus.OK: takes}
    )
    return entrypoint(lambda request, _, __: request, takes, Settings, route)


_ORDER = _echoing("POST", "/exports", StartRequest, from_body(StartRequest))
_SHOW = _echoing("GET", "/coverage", CoverageRequest, from_query(CoverageRequest))
_CONTRACTS: tuple[type[Contract], ...] = (StartRequest, ObservedExport, CoverageRequest, PlanRequest, ReportRequest)


def check(content: bytes) -> None:
    """A contract that comes back as it was read, or a refusal in words; over HTTP, never a fault of the function."""
    message = read_message(content)
    text = message.body.decode("utf-8", errors="replace")
    if message.start == "GET":
        query = dict(parse_qsl(text, keep_blank_values=True))
        _check_answer(_SHOW(http_event("GET", "/coverage", query=query, headers=message.headers), CONTEXT))
    elif message.start == "POST":
        _check_answer(_ORDER(_posted(message, text), CONTEXT))
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return
    for contract in _CONTRACTS:
        _check_contract(contract, document)
    _check_failure(document)


def _posted(message: Message, text: str) -> dict[str, Any]:
    event = http_event("POST", "/exports", text, headers=message.headers)
    return event | {"isBase64Encoded": "x-base64" in message.headers}


def _check_answer(answer: dict[str, Any]) -> None:
    assert answer["statusCode"] in {200, 400}, answer
    for name, value in answer["headers"].items():
        assert f"{name}{value}".isprintable(), answer["headers"]
    if answer["statusCode"] == 400 and not answer["isBase64Encoded"]:
        problem = json.loads(answer["body"])
        assert problem["error"] == "Rejected"
        assert problem["detail"]


def _check_contract(contract: type[Contract], document: object) -> None:
    try:
        parsed = parse(contract, document)
    except Rejected:
        return
    again = parsed.model_dump(mode="json", exclude_none=True)
    assert repr(parse(contract, again)) == repr(parsed)
    if isinstance(parsed, StartRequest):
        _check_order(parsed)


def _check_order(request: StartRequest) -> None:
    """What the vendor would take becomes a path of its own, a query in ASCII, and a key."""
    export = find_export(request.kind)
    if export.problems(request.window, request.filters, NOW):
        return
    parameters = export.wire_parameters(request.window, request.filters)
    path = export.path_for(PROJECT_ID, parameters)
    assert path.isascii()
    assert path.count("/") == export.path.count("/")
    carried = [(name, str(value)) for name, value in export.carried(parameters).items()]
    assert encode_query(carried).isascii()
    facts = {"project_id": PROJECT_ID, "ordered_at": NOW}
    key = manifest_key(PlacedExport.model_validate(request.model_dump(exclude={"task_id"}) | facts))
    assert key.isascii()
    assert ".." not in key


def _check_failure(document: object) -> None:
    """What the state machine hands on may hold anybody's words."""
    try:
        failed = parse(FailedExecution, document)
    except ExportError:
        return
    failure = failed.failure(PROJECT_ID, NOW)
    assert failure.what
    assert failure.model_dump_json()


def seeds() -> Iterator[bytes]:
    """Requests as they are documented, and what people make of them."""
    day = b'{"kind": "connection-records", "day": "2026-11-20"}'
    failed = {
        "request": json.loads(day),
        "state": {"failure": {"Error": "Rejected", "Cause": json.dumps({"errorMessage": "No.\nMend it."})}},
    }
    return each(
        [
            ("POST", {}, day),
            ("POST", {"x-base64": "1"}, b"e30="),
            (
                "POST",
                {"x-correlation-id": "a.b"},
                day[:-1] + b', "filters": {"user_name": "\\u0000", "max_e2e_rtt": 1}}',
            ),
            ("POST", {}, day[:-1] + b', "filters": {"terminal_type": "Windows 10", "language": "zh_CN"}}'),
            ("POST", {}, b'{"kind": "user-group-members", "filters": {"group_id": "../x", "user_names": ["a", "b"]}}'),
            ("POST", {}, b'{"kind": "hosts", "filters": {"changes_since": "2026-11-20T00:00:00+08:00", "limit": 3}}'),
            (
                "POST",
                {},
                b'{"kind": "user-usage", "start_time": "2026-11-20T00:00:00Z", "end_time": "2026-11-20T01:00:00Z"}',
            ),
            ("POST", {}, b'{"kind": "desktop-usage", "day": "0001-01-01"}'),
            ("POST", {}, b'{"kind": "desktop-usage", "day": "9999-12-31", "project_id": "p", "correlation_id": "c"}'),
            ("POST", {}, b'{"kind": 1e999, "filters": [[[]]], "x": null}'),
            ("POST", {}, b"[" * 3000),
            ("POST", {}, "\ufeff{}".encode()),
            ("GET", {}, b"kind=connection-records&first_day=2026-11-20&last_day=2026-11-19"),
            ("GET", {"accept": "text/html"}, b"project_id=..%2F&kind=&kind=%00"),
            ("DIRECT", {}, observed_export().model_dump_json().encode()),
            ("DIRECT", {}, b'{"kinds": ["connection-records"], "first_day": "2026-11-20"}'),
            ("DIRECT", {}, b'{"run": "2026-11-22T043000Z-1a2b3c4d"}'),
            ("DIRECT", {}, json.dumps(failed).encode()),
        ]
    )
