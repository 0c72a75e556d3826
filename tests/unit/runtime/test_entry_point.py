"""One handler for direct and HTTP events; errors keep their class, or become problems."""

import gc
import io
import json
import runpy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import workspace_exports
from tests.support.builders.entry_points import REQUEST, ROUTE, echo, failing, serving
from tests.support.builders.http_events import http_event
from tests.support.checks.leaks import leaks
from tests.support.lambda_context import CONTEXT
from workspace_exports.core.errors import Rejected, VendorUnavailable
from workspace_exports.core.validation import parse
from workspace_exports.events import ExportRequest, StartRequest
from workspace_exports.runtime import entrypoint, from_body
from workspace_exports.runtime.settings.base import Settings


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


ORDER = entrypoint(echo, StartRequest, Settings, replace(ROUTE, read=from_body(StartRequest)))
"""What begins a chain where none is named."""


def fields(log: io.StringIO) -> dict[str, Any]:
    (line,) = map(json.loads, log.getvalue().splitlines())
    names = ("correlation_id", "request_id", "gateway_request_id", "caller_request_id", "function_name")
    return {name: line[name] for name in names if name in line}


class TestChains:
    def test_a_direct_call_is_of_the_chain_it_names(self, log: io.StringIO) -> None:
        assert ORDER(REQUEST | {"correlation_id": "run-1"}, CONTEXT)["correlation_id"] == "run-1"
        assert fields(log) == {"correlation_id": "run-1", "request_id": "request-1", "function_name": "f"}

    def test_a_direct_call_that_names_none_begins_one(self, log: io.StringIO) -> None:
        assert ORDER(REQUEST, CONTEXT)["correlation_id"] == "request-1"
        assert fields(log)["correlation_id"] == "request-1"

    @pytest.mark.parametrize(
        ("headers", "gateway_id", "chain"),
        [
            ({"x-request-id": "mine.7"}, "gateway-1", "mine.7"),
            ({"x-request-id": "not fit"}, "gateway-1", "gateway-1"),
            ({}, "JKJaXmPLvHcESHA=", "request-1"),
        ],
        ids=["callers", "gateways", "lambdas"],
    )
    def test_an_order_over_http_begins_one_whose_name_any_function_takes(
        self, headers: dict[str, str], gateway_id: str, chain: str, log: io.StringIO
    ) -> None:
        event = http_event("POST", "/exports", json.dumps(REQUEST))
        event["headers"] |= headers
        event["requestContext"]["requestId"] = gateway_id
        answer = ORDER(event, CONTEXT)
        ordered = json.loads(answer["body"])
        assert parse(StartRequest, ordered).correlation_id == chain
        told = fields(log)
        assert (told["correlation_id"], told["request_id"], told["gateway_request_id"]) == (
            chain,
            "request-1",
            gateway_id,
        )
        assert answer["headers"]["X-Request-Id"] in told.values()

    def test_a_gateway_that_gives_no_name_is_not_called_none(self, log: io.StringIO) -> None:
        event = http_event("POST", "/exports", json.dumps(REQUEST))
        event["requestContext"]["requestId"] = None
        assert json.loads(ORDER(event, CONTEXT)["body"])["correlation_id"] == "request-1"
        assert "gateway_request_id" not in fields(log)

    def test_a_call_over_http_can_be_found_by_its_own_name_though_it_names_a_chain(self, log: io.StringIO) -> None:
        event = http_event("POST", "/exports", json.dumps(REQUEST | {"correlation_id": "run-1"}))
        event["headers"]["x-request-id"] = "mine.7"
        assert json.loads(ORDER(event, CONTEXT)["body"])["correlation_id"] == "run-1"
        assert (fields(log)["correlation_id"], fields(log)["caller_request_id"]) == ("run-1", "mine.7")

    def test_a_refused_call_is_of_the_chain_it_names_too(self, log: io.StringIO) -> None:
        with pytest.raises(Rejected):
            ORDER({"kind": "logins", "correlation_id": "run-1"}, CONTEXT)
        assert fields(log)["correlation_id"] == "run-1"

    @pytest.mark.parametrize("unfit", ["", "two words", "x" * 129, 7, "run-1\n"], ids=ascii)
    def test_a_name_unfit_for_a_log_is_refused_and_not_logged_as_one(self, unfit: object, log: io.StringIO) -> None:
        with pytest.raises(Rejected, match="correlation_id"):
            ORDER(REQUEST | {"correlation_id": unfit}, CONTEXT)
        assert fields(log)["correlation_id"] == "request-1"

    def test_the_list_of_fields_leaves_it_out(self) -> None:
        with pytest.raises(Rejected, match="colour is not a field here") as caught:
            ORDER(REQUEST | {"colour": "red"}, CONTEXT)
        assert "correlation_id" not in str(caught.value)

    def test_only_a_containers_first_call_is_cold(self, log: io.StringIO) -> None:
        handler = serving()
        for _ in range(2):
            handler(REQUEST, CONTEXT)
        assert [json.loads(line)["cold_start"] for line in log.getvalue().splitlines()][1:] == [False]


def test_a_log_line_carries_nothing_of_the_invocation_before(log: io.StringIO) -> None:
    handler = serving()
    handler(REQUEST, CONTEXT)
    with pytest.raises(Rejected):
        handler({}, CONTEXT)
    before, after = (json.loads(line) for line in log.getvalue().splitlines())
    assert (before["message"], after["message"]) == ("done", "failed")
    assert {"kind", "window"} <= before.keys()
    assert not {"kind", "window"} & after.keys()


@pytest.fixture
def collecting() -> Iterator[None]:
    """The collector as it was, whatever the test does to it."""
    yield
    gc.unfreeze()
    gc.enable()


@pytest.mark.usefixtures("collecting")
def test_the_collector_rests_until_a_function_has_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    runpy.run_path(str(workspace_exports.__file__))
    assert not gc.isenabled()
    frozen = gc.get_freeze_count()
    serving()
    assert gc.isenabled()
    assert gc.get_freeze_count() > frozen


@pytest.mark.usefixtures("collecting")
def test_elsewhere_the_collector_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    frozen = gc.get_freeze_count()
    runpy.run_path(str(workspace_exports.__file__))
    serving()
    assert gc.isenabled()
    assert gc.get_freeze_count() == frozen
