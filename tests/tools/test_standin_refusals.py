"""How the stand-in says no, over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.clock import SettableClock
from local.standin.faults.fates import expires, fails, vanishes
from local.standin.ledger import REDACTED
from local.standin.server import VendorStandIn
from tests.support.servers.probe import Given, Probe

START = datetime(2026, 11, 20, 10, 30, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(START)


@pytest.fixture
def vendor(clock: SettableClock) -> Iterator[VendorStandIn]:
    with VendorStandIn(clock=clock, task_seconds=60) as running:
        yield running


@pytest.fixture
def probe(vendor: VendorStandIn, clock: SettableClock) -> Iterator[Probe]:
    with Probe(vendor.url, clock=clock) as caller:
        yield caller


@pytest.mark.parametrize(
    ("kind", "parameters", "named"),
    [
        ("connection-records", {}, "start_time"),
        ("connection-records", {"start_time": "2026-10-21T10:29:59Z"}, "start_time"),
        ("connection-records", {"end_time": "2026-11-21T00:00:00Z"}, "end_time"),
        ("desktop-usage", {"start_time": "2026-05-24T10:29:59Z", "end_time": "2026-11-20T00:00:00Z"}, "start_time"),
        ("app-user-access", {"start_time": "2026-11-20T00:00:00Z"}, "end_time"),
        ("app-user-access", {"start_time": "2026-11-20T00:00:00Z", "end_time": "2026-11-19T00:00:00Z"}, "start_time"),
        ("desktops", {"language": "en"}, "language"),
        ("users", {"colour": "red"}, "colour"),
    ],
)
def test_a_request_that_breaks_a_rule_is_refused_by_name_and_makes_no_task(
    kind: str, parameters: dict[str, Given], named: str, vendor: VendorStandIn, probe: Probe
) -> None:
    answer = probe.call(kind, parameters)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "WKS.00211102")
    assert named in answer.json()["error_msg"]
    assert vendor.tasks == ()


def test_a_window_that_was_good_goes_bad_as_time_passes(probe: Probe, clock: SettableClock) -> None:
    edge: dict[str, Given] = {"start_time": "2026-10-21T10:30:00Z", "end_time": "2026-10-22T00:00:00Z"}
    assert probe.call("connection-records", edge).status_code == 200
    clock.advance(seconds=1)
    assert probe.call("connection-records", edge).status_code == 400


def test_a_download_before_the_end_is_refused(probe: Probe) -> None:
    answer = probe.download(probe.create("users"))
    assert (answer.status_code, answer.json()["error_code"]) == (400, "WKS.00211102")
    assert "CREATING" in answer.json()["error_msg"]


def test_a_download_of_a_failed_task_is_refused(vendor: VendorStandIn, probe: Probe, clock: SettableClock) -> None:
    vendor.script("users", fails("the report server is tired", "WKS.00211499"))
    task_id = probe.create("users")
    clock.advance(seconds=60)
    item = probe.listed(task_id=task_id)[0]
    assert (item["status"], item["error_code"], item["fail_reason"]) == (
        "FAIL",
        "WKS.00211499",
        "the report server is tired",
    )
    assert probe.download(task_id).status_code == 400


def test_an_expired_file_is_called_expired(vendor: VendorStandIn, probe: Probe, clock: SettableClock) -> None:
    vendor.script("users", expires(after_seconds=3600))
    task_id = probe.create("users")
    clock.advance(seconds=60)
    assert probe.download(task_id).status_code == 200
    clock.advance(seconds=3600)
    answer = probe.download(task_id)
    assert (answer.status_code, probe.listed(is_download=True)[0]["status"]) == (404, "EXPIRED")
    assert "expired" in answer.json()["error_msg"]


def test_an_unknown_and_a_vanished_task_are_not_found(
    vendor: VendorStandIn, probe: Probe, clock: SettableClock
) -> None:
    vendor.script("users", vanishes())
    task_id = probe.create("users")
    clock.advance(seconds=60)
    assert probe.listed(task_id=task_id) == []
    for unknown in (task_id, "f" * 32, "%7Btask_id%7D"):
        answer = probe.download(unknown)
        assert (answer.status_code, answer.json()["error_code"]) == (404, "WKS.00081103")


@pytest.mark.parametrize(
    ("method", "target"),
    [("GET", "/"), ("DELETE", f"/v2/{DEMO_PROJECT_ID}/export-tasks"), ("GET", "/v2//export-tasks")],
)
def test_a_path_or_method_that_is_not_served_is_the_gateways_404(method: str, target: str, probe: Probe) -> None:
    answer = probe.send(method, target)
    assert (answer.status_code, answer.json()["error_code"]) == (404, "APIGW.0101")


def test_another_project_is_refused(probe: Probe) -> None:
    answer = probe.send("GET", "/v2/another/export-tasks")
    assert (answer.status_code, answer.json()["error_code"]) == (403, "APIGW.0310")


def test_a_body_beyond_twelve_megabytes_is_refused(vendor: VendorStandIn, probe: Probe) -> None:
    answer = probe.send("POST", f"/v3/{DEMO_PROJECT_ID}/users/export", body=b" " * (12 * 1024 * 1024 + 1))
    assert (answer.status_code, vendor.requests[-1].status) == (413, 413)


def test_every_answer_carries_a_request_id_and_the_vendors_own_time(vendor: VendorStandIn, probe: Probe) -> None:
    answers = [probe.send("GET", "/"), probe.call("users"), probe.call("list"), probe.download("f" * 32)]
    assert [answer.headers["X-Request-Id"] for answer in answers] == [call.request_id for call in vendor.requests]
    assert {answer.headers["Date"] for answer in answers} == {"Fri, 20 Nov 2026 10:30:00 GMT"}


def test_calls_are_recorded_as_they_were_sent_without_their_secrets(vendor: VendorStandIn, probe: Probe) -> None:
    probe.call("list", {"file_name": "a b"})
    probe.call("users", {"user_name": "ada"})
    listed, created = vendor.requests
    assert (listed.operation, listed.method, listed.status) == ("list", "GET", 200)
    assert listed.target == f"/v2/{DEMO_PROJECT_ID}/export-tasks?file_name=a%20b"
    assert dict(listed.headers)["Authorization"] == REDACTED
    assert vendor.calls("users") == (created,)
    assert created.body == b'{"user_name": "ada"}'


def test_asking_for_calls_of_an_unknown_operation_is_a_mistake(vendor: VendorStandIn) -> None:
    with pytest.raises(ValueError, match="no operation is called 'user'"):
        vendor.calls("user")
