"""Answers that are not understood, and errors inside a success (estuary/connectors#3229): F5 and F5b.

One rule decides for order, list, download, delete and sign-in alike; the tables are of answers, not of operations.
"""

import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from local.standin.accounts import DEMO_REGION
from local.standin.faults.answers import answer, error
from local.standin.server import VendorStandIn
from tests.field.finished import finished
from tests.support.builders.requests import ACCESS, HOUR_AGO, RECORDS
from tests.support.checks.landed import landed
from tests.support.fixtures.handlers import Call
from tests.support.servers.raw_http import Wire, message
from workspace_exports.client.answers import Answer, read_answer
from workspace_exports.client.connections import close_connections
from workspace_exports.client.credentials import Login
from workspace_exports.client.iam import Iam
from workspace_exports.core.errors import (
    BadFile,
    ExportError,
    FileExpired,
    Rejected,
    TaskLost,
    Throttled,
    Unauthorized,
    VendorUnavailable,
)
from workspace_exports.storage.store import Store

FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)

LOGIN = Login("user", "password", "domain")
IDS = {"X-Request-Id": "1f2e"}


def said(code: str, words: str = "no") -> bytes:
    return json.dumps({"error_code": code, "error_msg": words}).encode()


REFUSALS = [
    pytest.param(said("APIGW.0308", "policy user over ratelimit,limit:10,time:1 minute"), Throttled, id="0308"),
    pytest.param(said("APIG.0308", "over ratelimit"), Throttled, id="0308-of-a-dedicated-gateway"),
    pytest.param(b'{"errorCode": "APIGW.0308", "errorMsg": "x"}', Throttled, id="0308-in-camel-case"),
    pytest.param(b'{"code": "APIGW.0308", "message": "x"}', Throttled, id="0308-as-code-and-message"),
    pytest.param(b'{"error": {"code": 429, "message": "slow down"}}', Throttled, id="an-HTTP-status-as-code"),
    pytest.param(b'[{"error_code": "APIGW.0308", "error_msg": "x"}]', Throttled, id="a-list-of-errors"),
    pytest.param(said("WKS.1", "Too many requests"), Throttled, id="unknown-code-by-its-words"),
    pytest.param(b'{"errors": [{"code": "APIGW.0308", "message": "x"}]}', Throttled, id="the-first-of-errors"),
    pytest.param(b'{"error_code": null, "code": "APIGW.0308", "message": "x"}', Throttled, id="behind-a-null-code"),
    pytest.param(b"<r><error_code>APIGW.0308</error_code><error_msg>x</error_msg></r>", Throttled, id="in-XML"),
    pytest.param(said("apigw.0308"), Throttled, id="0308-in-lower-case"),
    pytest.param(b'{"code": 429.0, "message": "x"}', Throttled, id="an-HTTP-status-as-a-fraction"),
    pytest.param(b'{"Code": "SlowDown", "Message": "x"}', Throttled, id="a-word-as-code"),
    pytest.param(said("WKS.1", "请求过于频繁"), Throttled, id="too-frequent-in-Chinese"),
    pytest.param(said("WKS.3", "The token has expired, sign in again"), Unauthorized, id="an-expired-token"),
    pytest.param(said("WKS.4", "系统繁忙 请稍后重试"), VendorUnavailable, id="busy-in-Chinese"),
    pytest.param(said("ServiceUnavailable", "Please reduce"), VendorUnavailable, id="unavailable-as-code"),
    pytest.param(said("WKS.5", "System is upgrading"), VendorUnavailable, id="upgrading"),
    pytest.param(said("APIGW.0301", "Incorrect IAM authentication information"), Unauthorized, id="0301"),
    pytest.param(said("APIGW.0302"), Unauthorized, id="0302"),
    pytest.param(b'{"error": {"code": 403, "message": "no", "title": "Forbidden"}}', Unauthorized, id="IAM's-shape"),
    pytest.param(said("APIGW.0101", "The API does not exist"), Rejected, id="0101"),
    pytest.param(said("WKS.00211102", "start_time is odd"), Rejected, id="an-unknown-code"),
    pytest.param(said("APIGW.0601", "Internal server error"), VendorUnavailable, id="0601"),
    pytest.param(said("APIGW.0610"), VendorUnavailable, id="0610"),
    pytest.param(said("WKS.2", "The service is busy, try again later"), VendorUnavailable, id="busy"),
]
"""Bodies that refuse, and the class of the refusal, whatever the status."""

GARBAGE = [
    pytest.param(b"", id="nothing"),
    pytest.param(b"  \r\n", id="blanks"),
    pytest.param(b"<html><body>Under maintenance</body></html>", id="a-page"),
    pytest.param(b"\xef\xbb\xbf<!DOCTYPE html><p>x", id="a-page-behind-a-mark"),
    pytest.param(b'<?xml version="1.0"?><ok/>', id="XML"),
    pytest.param(b"{}", id="an-empty-object"),
    pytest.param(b"null", id="null"),
    pytest.param(b'"OK"', id="a-word"),
    pytest.param(b"[]", id="a-list"),
    pytest.param(b'{"task_id": null, "export_tasks": null}', id="nulls"),
    pytest.param(b'{"task_id": "../x", "export_tasks": {"a": 1}}', id="other-types"),
    pytest.param(b'{"error_code": "0", "error_msg": "success"}', id="a-code-that-says-all-is-well"),
    pytest.param(b'{"error_code": null}', id="a-null-code"),
    pytest.param(b'{"error_code": false}', id="a-false-code"),
    pytest.param(b'{"error_code": "0000", "error_msg": "OK"}', id="a-code-of-zeros"),
    pytest.param(b'{"task_id": ["t"], "export_tasks": [null, "x", {"id": 1}]}', id="items-that-are-no-tasks"),
    pytest.param(b'{"task_id": "t', id="half-of-it"),
    pytest.param(b"\x1f\x8b\x08\x00", id="gzip"),
    pytest.param(b"upstream connect error or disconnect/reset before headers", id="a-proxy's-words"),
]
"""Bodies that say nothing which is known."""


def task_id(found: Answer) -> str | None:
    return found.document.get("task_id") if isinstance(found.document, dict) else None


class TestTheRule:
    @pytest.mark.parametrize("status", [200, 201, 202])
    @pytest.mark.parametrize(("body", "expected"), REFUSALS)
    def test_a_refusal_inside_a_success_has_code_words_and_class(
        self, body: bytes, expected: type[ExportError], status: int
    ) -> None:
        with pytest.raises(ExportError) as caught:
            read_answer(Answer(status, {"x-request-id": "r"}, body), "order", task_id, "names no task")
        assert type(caught.value) is expected
        assert caught.value.vendor_code is not None
        assert caught.value.vendor_code in str(caught.value)
        assert caught.value.vendor_request_id == "r"

    @pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
    @pytest.mark.parametrize(
        ("body", "expected"),
        [one for one in REFUSALS if b"APIG" in one.values[0]],  # type: ignore[operator]
    )
    def test_a_code_of_the_gateway_outweighs_the_status(
        self, body: bytes, expected: type[ExportError], status: int
    ) -> None:
        with pytest.raises(ExportError) as caught:
            read_answer(Answer(status, {}, body), "order", task_id, "names no task")
        assert type(caught.value) is expected

    @pytest.mark.parametrize("status", [200, 201, 204, 206, 226])
    @pytest.mark.parametrize("body", GARBAGE)
    def test_garbage_may_pass(self, body: bytes, status: int) -> None:
        with pytest.raises(VendorUnavailable, match=f"answered {status} with .*, which names no task"):
            read_answer(Answer(status, {}, body), "order", lambda _: None, "names no task")

    def test_of_garbage_in_json_nothing_is_repeated(self) -> None:
        body = b'{"credential": {"access": "GEHEIM1", "secret": "GEHEIM2"}, "rows": [{"user_name": "anna"}]}'
        with pytest.raises(VendorUnavailable) as caught:
            read_answer(Answer(200, {}, body), "sign in", lambda _: None, "holds no token")
        assert not {"GEHEIM1", "GEHEIM2", "anna"} & set(re.findall(r"\w+", str(caught.value)))

    @pytest.mark.parametrize("words", ["token=GEHEIM", "pwd: GEHEIM", "secret = GEHEIM", "passwd=GEHEIM,"])
    def test_of_a_page_no_secret_is(self, words: str) -> None:
        with pytest.raises(VendorUnavailable) as caught:
            read_answer(Answer(200, {}, f"<p>{words}</p>".encode()), "sign in", lambda _: None, "holds no token")
        assert "GEHEIM" not in str(caught.value)

    def test_a_code_of_another_service_has_no_advice_of_the_gateways(self) -> None:
        with pytest.raises(Rejected) as caught:
            read_answer(Answer(400, {}, said("IAM.0101")), "sign in", lambda _: None, "holds no token")
        assert "WORKSPACE_REGION" not in str(caught.value)

    @pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
    def test_a_redirect_may_pass_too(self, status: int) -> None:
        with pytest.raises(VendorUnavailable, match="never followed"):
            read_answer(Answer(status, {}, said("APIGW.0301")), "order", task_id, "names no task")

    def test_what_was_asked_for_counts_beside_a_code(self) -> None:
        for body in (b'{"task_id": "t", "error_code": "0"}', b'{"task_id": "t", "error_code": "WKS.1"}'):
            assert read_answer(Answer(200, {}, body), "order", task_id, "names no task") == "t"

    def test_a_list_that_is_empty_beside_a_code_is_a_refusal(self) -> None:
        def tasks(found: Answer) -> Any:
            return found.document["export_tasks"]

        body = b'{"export_tasks": [], "error_code": "APIGW.0308", "error_msg": "x"}'
        with pytest.raises(Throttled):
            read_answer(Answer(200, {}, body), "look", tasks, "holds no tasks")
        assert read_answer(Answer(200, {}, b'{"export_tasks": []}'), "look", tasks, "holds no tasks") == []


class TestTheHandlers:
    @FOLDER
    @pytest.mark.parametrize(("body", "expected"), REFUSALS)
    def test_every_one_tells_a_refusal_by_its_class(
        self, body: bytes, expected: type[ExportError], vendor: VendorStandIn, start: Call, poll: Call, store: Store
    ) -> None:
        ordered = start(**ACCESS)
        calls: dict[str, Callable[[], object]] = {
            "connection-records": lambda: start(**RECORDS),
            "list": lambda: poll(**ordered),
        }
        for operation, call in calls.items():
            vendor.script(operation, answer(200, body, IDS))
            with pytest.raises(ExportError) as caught:
                call()
            assert type(caught.value) is expected
            assert caught.value.vendor_request_id == "1f2e"
            # A container leaves refused credentials alone for minutes.
            close_connections()
        assert len(vendor.tasks) == 1

    @FOLDER
    @pytest.mark.parametrize("body", GARBAGE)
    def test_every_one_asks_again_after_garbage(
        self, body: bytes, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call, at_once: pytest.MonkeyPatch
    ) -> None:
        at_once.setenv("VENDOR_ATTEMPTS", "2")
        at_once.setenv("DELETE_AFTER_LANDING", "true")
        garbage = answer(200, body)
        vendor.script("connection-records", garbage)
        ordered = start(**RECORDS)
        vendor.script("list", garbage)
        looked = poll(**ordered)
        vendor.script("delete", garbage)
        assert fetch(**looked)["archived"]["outcome"] == "landed"
        assert [len(vendor.calls(one)) for one in ("connection-records", "download")] == [2, 1]
        assert len(vendor.tasks) <= 1
        assert not vendor.pending_faults

    @pytest.mark.parametrize("body", GARBAGE)
    def test_a_sign_in_that_is_garbage_may_pass(self, body: bytes) -> None:
        with Wire(lambda _: message(body)) as identity, httpx.Client() as http:
            with pytest.raises(VendorUnavailable, match="holds no token"):
                Iam(http, identity.url, DEMO_REGION).issue_token(LOGIN, None)
            with pytest.raises(VendorUnavailable, match="holds no projects"):
                Iam(http, identity.url, DEMO_REGION).projects()

    @pytest.mark.parametrize(("body", "expected"), REFUSALS)
    def test_a_sign_in_that_is_refused_inside_a_success_says_so(self, body: bytes, expected: type[ExportError]) -> None:
        with Wire(lambda _: message(body)) as identity, httpx.Client() as http, pytest.raises(ExportError) as caught:
            Iam(http, identity.url, DEMO_REGION).issue_token(LOGIN, None)
        assert type(caught.value) is expected


EXPIRED = [
    pytest.param(said("WKS.00211102", "The file has expired"), FileExpired, id="expired"),
    pytest.param(said("WKS.9", "Export task expired, please export again"), FileExpired, id="in-other-words"),
    pytest.param(b'{"errorCode": "X", "errorMsg": "EXPIRED"}', FileExpired, id="in-capitals"),
    pytest.param(said("WKS.9", "文件已过期"), FileExpired, id="expired-in-Chinese"),
    pytest.param(said("WKS.9", "Signature expired: check the clock"), BadFile, id="an-expired-signature"),
    pytest.param(b"<Error><Code>SlowDown</Code><Message>x</Message></Error>", Throttled, id="the-storage's-SlowDown"),
    pytest.param(b'{"code": "410", "message": "Gone"}', FileExpired, id="an-HTTP-status-as-code"),
    pytest.param(said("WKS.8", "The export task does not exist"), BadFile, id="does-not-exist"),
    pytest.param(b'{"error": {"code": 404, "message": "x"}}', TaskLost, id="404-as-code"),
    pytest.param(
        b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>The object does not exist</Message></Error>",
        BadFile,
        id="the-storage's-XML",
    ),
    pytest.param(said("APIGW.0308", "over ratelimit"), Throttled, id="throttled"),
    pytest.param(said("APIGW.0301"), Unauthorized, id="unauthorized"),
    pytest.param(said("APIGW.0610"), VendorUnavailable, id="gateway-without-a-backend"),
    pytest.param(said("WKS.7", "no"), BadFile, id="an-unknown-code"),
    pytest.param(b"<Error><Code>SignatureDoesNotMatch</Code><Message>x</Message></Error>", BadFile, id="other-XML"),
]
"""Small documents in the place of a file, and what they come to."""


@FOLDER
@pytest.mark.parametrize("headers", [IDS, IDS | {"Content-Type": "application/octet-stream"}], ids=["plain", "octets"])
@pytest.mark.parametrize(("body", "expected"), EXPIRED)
def test_an_error_in_a_files_place_is_told_by_its_class(
    body: bytes,
    expected: type[ExportError],
    headers: dict[str, str],
    vendor: VendorStandIn,
    start: Call,
    poll: Call,
    fetch: Call,
    store: Store,
) -> None:
    looked = poll(**start(**RECORDS))
    vendor.script("download", answer(200, body, headers))
    with pytest.raises(ExportError) as caught:
        fetch(**looked)
    assert type(caught.value) is expected
    assert caught.value.vendor_request_id == "1f2e"
    assert (caught.value.vendor_code or "none") in str(caught.value)
    assert landed(store) == []


@FOLDER
def test_a_file_that_only_begins_like_a_document_is_a_file(environment: pytest.MonkeyPatch, fetch: Call) -> None:
    rows = b"[section]\r\nuser,desktop\r\n" + b"a,b\r\n" * 20_000
    with Wire(lambda _: message(rows)) as vendor:
        environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
        assert fetch(**finished("records.csv"))["archived"]["size_bytes"] == len(rows)


@FOLDER
def test_a_deletion_that_is_refused_inside_a_success_is_not_taken_for_done(
    vendor: VendorStandIn, start: Call, poll: Call, fetch: Call, at_once: pytest.MonkeyPatch
) -> None:
    at_once.setenv("VENDOR_ATTEMPTS", "2")
    at_once.setenv("DELETE_AFTER_LANDING", "true")
    looked = poll(**start(**RECORDS))
    vendor.script("delete", error(200, "APIGW.0308", "over ratelimit"))
    assert fetch(**looked)["archived"]["outcome"] == "landed"
    assert len(vendor.calls("delete")) == 2


@FOLDER
@pytest.mark.parametrize(
    "items", [[None], ["x"], [7, []], [{"id": "t", "state": "SUCCESS"}], [{"task_id": 7}]], ids=str
)
def test_a_list_of_what_are_no_tasks_does_not_make_ours_a_lost_one(
    items: list[object], vendor: VendorStandIn, start: Call, poll: Call
) -> None:
    ordered = start(**RECORDS) | {"ordered_at": HOUR_AGO}
    vendor.script("list", answer(200, json.dumps({"export_tasks": items}).encode()))
    with pytest.raises(VendorUnavailable, match="holds no export_tasks"):
        poll(**ordered)


@FOLDER
@pytest.mark.parametrize("word", ["success", " SUCCESS ", "Success\n"])
def test_a_status_word_is_read_in_any_case(word: str, vendor: VendorStandIn, start: Call, poll: Call) -> None:
    ordered = start(**RECORDS)
    body = json.dumps({"export_tasks": [{"task_id": ordered["task_id"], "status": word}]}).encode()
    vendor.script("list", answer(200, body))
    assert poll(**ordered)["status"] == "SUCCESS"


@FOLDER
def test_the_vendors_error_inside_a_list_is_shown_with_its_words(
    vendor: VendorStandIn, start: Call, poll: Call
) -> None:
    ordered = start(**RECORDS)
    vendor.script("list", error(200, "APIGW.0308", "policy user over ratelimit"))
    with pytest.raises(Throttled, match=r"The vendor says APIGW\.0308: policy user over ratelimit"):
        poll(**ordered)
