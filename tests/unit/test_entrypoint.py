"""One handler for direct and HTTP events; errors keep their class, or become problems."""

import io
import json
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from tests.gateway import http_event
from tests.leaks import FILTER_CANARY, leaks
from workspace_exports.contracts.events import ExportRequest
from workspace_exports.deadline import Deadline
from workspace_exports.entrypoint import Handler, Route, as_json, entrypoint, from_body
from workspace_exports.errors import Rejected, VendorUnavailable
from workspace_exports.settings import Settings

CONTEXT = cast(
    "LambdaContext",
    SimpleNamespace(function_name="f", aws_request_id="request-1", get_remaining_time_in_millis=lambda: 30_000),
)
ROUTE = Route(
    "POST",
    "/exports",
    "Give back what was sent",
    from_body(ExportRequest),
    lambda result, _, __: as_json(result, HTTPStatus.ACCEPTED, {"Location": f"/exports/{result.kind}"}),
    takes=ExportRequest,
    gives={HTTPStatus.ACCEPTED: ExportRequest},
)
REQUEST = {"kind": "connection-records", "day": "2026-11-20", "filters": {"user_name": FILTER_CANARY}}


def echo(request: ExportRequest, settings: Settings, deadline: Deadline) -> ExportRequest:
    assert isinstance(settings, Settings)
    return request


def serving(use_case: Any = echo) -> Handler:
    return entrypoint(use_case, ExportRequest, Settings, ROUTE)


def failing(error: Exception) -> Handler:
    def use_case(request: ExportRequest, settings: Settings, deadline: Deadline) -> ExportRequest:
        raise error

    return serving(use_case)


def test_a_direct_event_gets_the_result_as_plain_json() -> None:
    assert serving()(REQUEST, CONTEXT) == REQUEST


def test_a_direct_caller_gets_the_error_itself_with_the_facts_of_the_request() -> None:
    with pytest.raises(VendorUnavailable) as caught:
        failing(VendorUnavailable("away"))(REQUEST, CONTEXT)
    assert caught.value.kind == "connection-records"
    assert caught.value.window == "2026-11-20T00:00:00Z/2026-11-20T23:59:59Z"


def test_without_a_route_an_http_event_is_just_a_wrong_request() -> None:
    with pytest.raises(Rejected, match="kind is missing"):
        entrypoint(echo, ExportRequest, Settings)(http_event("POST", "/exports", "{}"), CONTEXT)


@pytest.mark.parametrize("error", [None, VendorUnavailable("away")])
def test_logs_carry_the_request_and_no_filter_value(error: Exception | None, log: io.StringIO) -> None:
    handler = failing(error) if error else serving()
    handler(http_event("POST", "/exports", json.dumps(REQUEST)), CONTEXT)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert lines
    assert all(line["correlation_id"] == "gateway-1" for line in lines)
    assert all(line["kind"] == "connection-records" for line in lines)
    assert leaks(str(lines)) == []


def test_a_log_line_carries_nothing_of_the_invocation_before(log: io.StringIO) -> None:
    handler = serving()
    handler(REQUEST, CONTEXT)
    with pytest.raises(Rejected):
        handler({}, CONTEXT)
    before, after = (json.loads(line) for line in log.getvalue().splitlines())
    assert (before["message"], after["message"]) == ("done", "failed")
    assert {"kind", "window"} <= before.keys()
    assert not {"kind", "window"} & after.keys()
