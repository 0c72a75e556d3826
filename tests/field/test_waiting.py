"""The time to wait, and the vendor's name for its answer, wherever an error goes: F18 and F24."""

import json
from typing import Any

import pytest

from local.standin.faults.answers import answer, error, html_page, server_error, throttled
from local.standin.faults.fates import ends_as
from local.standin.faults.mishaps import Fault
from local.standin.server import VendorStandIn
from tests.support.builders.http_calls import fetch_it, look, order
from tests.support.builders.requests import RECORDS
from tests.support.fixtures.handlers import Call
from workspace_exports.core.error_text import ErrorText
from workspace_exports.core.errors import Throttled

pytestmark = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)

WAITS = [
    (None, 10),
    ("", 10),
    ("soon", 10),
    ("-5", 10),
    ("0", 0),
    ("1", 1),
    ("7.2", 8),
    ("90", 90),
    ("600", 600),
    ("3600", 900),
    ("1e9", 900),
    ("nan", 10),
    ("Fri, 31 Dec 9999 23:59:59 GMT", 900),
    ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
]
"""What Retry-After says, and the pause in the text that reaches the state machine: up to a quarter of an hour."""


@pytest.mark.parametrize(("asked", "pause"), WAITS)
def test_the_state_machine_is_told_how_long_to_wait(
    asked: str | None, pause: int, vendor: VendorStandIn, start: Call
) -> None:
    vendor.script("connection-records", throttled(asked))
    with pytest.raises(Throttled) as caught:
        start(**RECORDS)
    assert str(caught.value).endswith(f"retry_after_seconds={pause}]")
    assert ErrorText.read(str(caught.value)).retry_after_seconds == str(pause)


@pytest.mark.usefixtures("environment")
class TestOverHttp:
    @pytest.mark.parametrize(
        ("asked", "says"), [(None, "10"), ("soon", "10"), ("0", "0"), ("7", "7"), ("7.2", "8"), ("3600", "3600")]
    )
    def test_a_503_for_throttling_always_says_when(self, asked: str | None, says: str, vendor: VendorStandIn) -> None:
        vendor.script("connection-records", throttled(asked))
        answered = order(**RECORDS)
        assert (answered["statusCode"], answered["headers"]["Retry-After"]) == (503, says)

    @pytest.mark.parametrize("fault", [throttled(), error(200, "APIGW.0308", "over ratelimit")])
    def test_so_does_one_for_a_look_and_a_fetch(self, fault: Fault, vendor: VendorStandIn) -> None:
        task_id = json.loads(order(**RECORDS)["body"])["task_id"]
        vendor.script("list", fault)
        assert look(task_id)["headers"]["Retry-After"] == "10"
        vendor.script("download", fault)
        assert fetch_it(task_id)["headers"]["Retry-After"] == "10"

    @pytest.mark.parametrize(
        ("fault", "status", "code"),
        [
            (html_page(200), 503, None),
            (answer(200, b"{}"), 503, None),
            (error(200, "APIGW.0308", "over ratelimit"), 503, "APIGW.0308"),
            (error(200, "APIGW.0301", "no"), 502, "APIGW.0301"),
            (error(200, "WKS.1", "no"), 400, "WKS.1"),
            (error(400, "WKS.1", "no"), 400, "WKS.1"),
            (error(403, "WKS.2", "no"), 502, "WKS.2"),
            (server_error(500), 503, "WKS.00211401"),
            (throttled("7"), 503, "APIGW.0308"),
        ],
    )
    def test_every_fact_the_vendor_gave_is_in_the_problem(
        self, fault: Any, status: int, code: str | None, vendor: VendorStandIn
    ) -> None:
        vendor.script("connection-records", fault)
        answered = order(**RECORDS)
        problem = json.loads(answered["body"])
        assert (answered["statusCode"], problem.get("vendor_code")) == (status, code)
        assert problem["vendor_request_id"]

    def test_so_it_is_where_a_status_word_is_not_known(self, vendor: VendorStandIn) -> None:
        vendor.script("connection-records", ends_as("PAUSED"))
        answered = look(json.loads(order(**RECORDS)["body"])["task_id"])
        problem = json.loads(answered["body"])
        assert (answered["statusCode"], problem["error"]) == (502, "UnexpectedAnswer")
        assert problem["vendor_request_id"]
