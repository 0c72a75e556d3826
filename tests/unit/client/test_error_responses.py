"""Every shape of error the vendor, its gateway or a proxy was seen to answer is read."""

import json

import pytest

from workspace_exports.client.answers import Answer, VendorError, parse_error, to_exception
from workspace_exports.client.tasks import read_task
from workspace_exports.core.errors import Rejected, Throttled, Unauthorized, UnexpectedAnswer, VendorUnavailable


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ({}, {"error_code": "WKS.1", "error_msg": "bad"}, VendorError("WKS.1", "bad", None)),
        ({}, {"error_code": "APIGW.0301", "error_msg": "no", "request_id": "b"}, VendorError("APIGW.0301", "no", "b")),
        ({"x-request-id": "h"}, {"error_code": "A", "error_msg": "m", "request_id": "b"}, VendorError("A", "m", "h")),
        ({}, {"errorCode": "X", "errorMsg": "bad"}, VendorError("X", "bad", None)),
        ({}, {"code": "X", "message": "bad"}, VendorError("X", "bad", None)),
        ({"x-iam-trace-id": "t"}, {"error": {"code": 401, "message": "no"}}, VendorError("401", "no", "t")),
        ({}, {"error_code": "X"}, VendorError("X", None, None)),
        ({}, ["a list"], VendorError(None, '["a list"]', None)),
        ({}, b"<html>\n <b>Bad\tGateway</b></html>", VendorError(None, "Bad Gateway", None)),
        ({}, b"<p>a < b</p> <<<", VendorError(None, "a < b <<<", None)),
        ({}, b"", VendorError(None, None, None)),
        pytest.param({}, b"[" * 50_000, VendorError(None, "[" * 300 + "...", None), id="nested"),
        ({}, b"\xff\xfe\x00", VendorError(None, "\ufffd\ufffd", None)),
        ({}, b"x" * 1000, VendorError(None, "x" * 300 + "...", None)),
    ],
)
def test_reads_code_reason_and_request_id(headers: dict[str, str], body: object, expected: VendorError) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert parse_error(headers, raw) == expected


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (302, VendorUnavailable),
        (400, Rejected),
        (401, Unauthorized),
        (403, Unauthorized),
        (404, Rejected),
        (405, Rejected),
        (408, VendorUnavailable),
        (413, Rejected),
        (429, Throttled),
        (500, VendorUnavailable),
        (502, VendorUnavailable),
        (504, VendorUnavailable),
    ],
)
def test_the_status_decides_the_class_and_the_text_says_what_was_asked(status: int, error: type[Exception]) -> None:
    made = to_exception(Answer(status, {}, b'{"error_code": "WKS.1", "error_msg": "no"}'), "order the export")
    assert type(made) is error
    assert f"Could not order the export: the vendor answered {status}" in str(made)
    assert ("The vendor says WKS.1: no." in str(made)) is (status >= 400)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7), ("0", 0), ("soon", None), ("-1", None), ("²", None), (None, None)]
)
def test_retry_after_is_kept_when_it_is_a_number_of_seconds(header: str | None, seconds: float | None) -> None:
    error = to_exception(Answer(429, {"retry-after": header} if header else {}, b""), "look")
    assert isinstance(error, Throttled)
    assert error.retry_after_seconds == seconds


@pytest.mark.parametrize("code", ["APIGW.0101", "APIG.0101"])
def test_a_gateway_code_that_says_more_than_its_class_has_its_own_advice(code: str) -> None:
    assert "check WORKSPACE_REGION" in str(
        to_exception(Answer(404, {}, json.dumps({"error_code": code}).encode()), "order")
    )


@pytest.mark.parametrize("status", [302, 400])
def test_a_signed_url_in_an_answer_is_repeated_nowhere(status: int) -> None:
    body = b'{"error_code": "x", "error_msg": "Found: https://obs.example.com/f?AccessKeyId=canary (try there)"}'
    made = to_exception(Answer(status, {}, body), "download the file")
    assert "canary" not in str(made)
    assert ("https://obs.example.com/f?... (try there)" in str(made)) is (status == 400)


def test_an_unknown_status_word_is_shown_and_never_taken_for_running() -> None:
    with pytest.raises(UnexpectedAnswer, match="the status word 'PAUSED'"):
        read_task({"task_id": "t", "status": "PAUSED"})


def test_a_tasks_words_are_cut_to_one_printable_line() -> None:
    task = read_task({"task_id": "t", "status": "FAIL", "fail_reason": "x" * 300_000, "file_name": "a\ud800\nb"})
    assert len(task.fail_reason or "") < 310
    assert task.file_name == "a b"


@pytest.mark.parametrize(
    ("item", "lacks"),
    [
        ({}, "task_id"),
        ({"task_id": "t"}, "status"),
        ({"task_id": "t", "status": None}, "status"),
        ({"task_id": "t", "status": ""}, "status"),
        ({"task_id": "t", "status": 3}, "status"),
        ({"task_id": "t", "status": ["FAIL"]}, "status"),
        ({"task_id": 7, "status": "FAIL"}, "task_id"),
        ({"task_id": "../t", "status": "FAIL"}, "task_id"),
    ],
)
def test_a_task_of_another_shape_may_be_another_at_the_next_look(item: dict[str, object], lacks: str) -> None:
    with pytest.raises(VendorUnavailable, match=f"without a usable {lacks}"):
        read_task(item)


def test_a_tasks_time_of_another_shape_is_none() -> None:
    assert read_task({"task_id": "t", "status": "FAIL", "create_time": 1_700_000_000_000}).created_at is None
