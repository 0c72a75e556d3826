"""What goes over HTTP: successes as the route says, errors as problems, and every answer with its call's names."""

import base64
import gzip
import io
import json
from http import HTTPStatus
from typing import Any

import pytest

from tests.support.builders.http_events import http_event
from tests.support.checks.leaks import FILTER_CANARY, leaks
from tests.support.lambda_context import lambda_context
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import ArchiveUnavailable, Throttled
from workspace_exports.events import ExportRequest
from workspace_exports.runtime import Handler, Route, as_json, entrypoint, from_body, from_query
from workspace_exports.runtime.http import LARGEST_BODY_BYTES
from workspace_exports.runtime.settings.base import Settings

CONTEXT = lambda_context(request_id="lambda-1")
REQUEST = {"kind": "connection-records", "day": "2026-11-20", "filters": {"user_name": FILTER_CANARY}}


def echo(request: ExportRequest, settings: Settings, deadline: Deadline) -> ExportRequest:
    return request


def serving(use_case: Any = echo, **changes: Any) -> Handler:
    described: dict[str, Any] = {
        "method": "POST",
        "path": "/exports",
        "summary": "Give back what was sent",
        "read": from_body(ExportRequest),
        "answer": lambda result, _, __: as_json(result, HTTPStatus.ACCEPTED, {"Location": f"/exports/{result.kind}"}),
        "takes": ExportRequest,
        "gives": {HTTPStatus.ACCEPTED: ExportRequest},
    }
    return entrypoint(use_case, ExportRequest, Settings, Route(**described | changes))


def failing(error: Exception) -> Handler:
    def use_case(request: ExportRequest, settings: Settings, deadline: Deadline) -> ExportRequest:
        raise error

    return serving(use_case)


def post(handler: Handler, body: str | None = None, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return handler(
        http_event("POST", "/exports", json.dumps(REQUEST) if body is None else body, headers=named), CONTEXT
    )


def test_a_success_is_as_the_route_says_and_is_not_cached() -> None:
    answer = post(serving())
    assert answer["statusCode"] == 202
    assert answer["headers"] == {
        "Location": "/exports/connection-records",
        "Content-Type": "application/json",
        "Cache-Control": "no-store",
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": "gateway-1",
    }
    assert json.loads(answer["body"]) == REQUEST


def test_the_query_can_be_the_request() -> None:
    handler = serving(method="GET", read=from_query(ExportRequest))
    query = {"kind": "desktops", "project_id": "p"}
    answer = handler(http_event("GET", "/exports", query=query), CONTEXT)
    assert json.loads(answer["body"]) == query | {"filters": {}}


def test_an_error_is_a_problem_with_all_that_is_known() -> None:
    error = Throttled("slow down", retry_after_seconds=7.4, vendor_code="APIGW.0308", task_id="t")
    answer = post(failing(error))
    assert answer["statusCode"] == 503
    assert answer["headers"]["Retry-After"] == "8"
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert json.loads(answer["body"]) == {
        "type": "about:blank",
        "title": "The vendor is throttling",
        "status": 503,
        "detail": str(error),
        "error": "Throttled",
        "vendor_code": "APIGW.0308",
        "task_id": "t",
    }


def test_an_error_while_the_answer_is_made_is_a_problem_too_and_logged(log: io.StringIO) -> None:
    def answer(result: ExportRequest, *_: object) -> Any:
        raise ArchiveUnavailable("no link today")

    answered = post(serving(answer=answer))
    assert (answered["statusCode"], json.loads(answered["body"])["error"]) == (503, "ArchiveUnavailable")
    assert "no link today" in log.getvalue()


def test_a_fault_of_ours_is_a_problem_and_its_text_is_nowhere(log: io.StringIO) -> None:
    answer = post(failing(ZeroDivisionError(FILTER_CANARY)))
    assert (answer["statusCode"], json.loads(answer["body"])["error"]) == (500, "InternalError")
    line = json.loads(log.getvalue().splitlines()[-1])
    assert (line["level"], line["error"]) == ("ERROR", "ZeroDivisionError")
    assert "in use_case" in str(line["places"])
    assert leaks(answer["body"] + log.getvalue()) == []


@pytest.mark.parametrize("body", ["", "{", "[]", '{"kind": "logins"}', "[" * 100_000], ids=lambda body: body[:20])
def test_a_body_that_is_no_request_is_a_400_that_says_so(body: str) -> None:
    answer = post(serving(), body)
    assert (answer["statusCode"], json.loads(answer["body"])["error"]) == (400, "Rejected")


def test_a_body_that_is_no_text_is_a_400_too() -> None:
    event = http_event("POST", "/exports", base64.b64encode(b"\xff\xfe").decode()) | {"isBase64Encoded": True}
    answer = serving()(event, CONTEXT)
    assert (answer["statusCode"], json.loads(answer["body"])["error"]) == (400, "Rejected")


def test_another_route_is_a_problem_that_names_this_one() -> None:
    answer = serving()(http_event("POST", "/other", "{}"), CONTEXT)
    assert answer["statusCode"] == 404
    assert "POST /exports" in json.loads(answer["body"])["detail"]


def test_a_caller_gets_back_the_names_it_gave_its_call_and_the_log_has_them(log: io.StringIO) -> None:
    trace = "Root=1-67891233-abcdef012345678912345678;Sampled=1"
    answer = post(serving(), x_request_id="mine.7", x_amzn_trace_id=trace)
    assert (answer["headers"]["X-Request-Id"], answer["headers"]["X-Amzn-Trace-Id"]) == ("mine.7", trace)
    (line,) = map(json.loads, log.getvalue().splitlines())
    assert (line["correlation_id"], line["trace_id"]) == ("mine.7", trace)


@pytest.mark.parametrize("name", ["", "two words", "x" * 129, "line\nbreak", "<script>", "ä"], ids=ascii)
def test_names_unfit_for_a_log_or_a_header_are_not_taken_over(name: str, log: io.StringIO) -> None:
    answer = post(serving(), x_request_id=name, x_amzn_trace_id=name * 3)
    assert answer["headers"]["X-Request-Id"] == "gateway-1"
    assert "X-Amzn-Trace-Id" not in answer["headers"]
    assert "trace_id" not in json.loads(log.getvalue())


def test_without_a_gateways_id_there_is_lambdas() -> None:
    event = http_event("POST", "/exports", json.dumps(REQUEST))
    del event["requestContext"]["requestId"]
    assert serving()(event, CONTEXT)["headers"]["X-Request-Id"] == "lambda-1"


class TestLargeAnswers:
    def test_are_compressed_for_those_who_take_that(self) -> None:
        filters = {f"f{n}": "the same again" for n in range(500)}
        body = json.dumps(REQUEST | {"filters": filters})
        plain, packed = post(serving(), body), post(serving(), body, accept_encoding="br, gzip")
        assert (packed["isBase64Encoded"], packed["headers"]["Content-Encoding"]) == (True, "gzip")
        assert gzip.decompress(base64.b64decode(packed["body"])).decode() == plain["body"]
        assert "Content-Encoding" not in plain["headers"]

    def test_beyond_what_lambda_hands_on_are_refused_with_what_to_do(self) -> None:
        body = json.dumps(REQUEST | {"filters": {"f": "x" * LARGEST_BODY_BYTES}})
        answer = post(serving(), body)
        assert answer["statusCode"] == 400
        assert answer["headers"]["X-Request-Id"] == "gateway-1"
        assert "Accept gzip, or ask for one kind" in json.loads(answer["body"])["detail"]
        assert post(serving(), body, accept_encoding="gzip")["statusCode"] == 202
