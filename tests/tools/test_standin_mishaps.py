"""Answers that go wrong on their way, over real HTTP, and the names by which all misfortune is called."""

import contextlib
import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from local.standin.accounts import DEMO_DOMAIN_NAME, DEMO_PASSWORD, DEMO_PROJECT_ID, DEMO_REGION, DEMO_USER_NAME
from local.standin.clock import SettableClock
from local.standin.faults import shapes
from local.standin.faults.answers import error, redirect
from local.standin.faults.catalogue import FAULTS, PASSING, Course, faults_for
from local.standin.faults.fates import disappears, ends_as
from local.standin.faults.mishaps import Arrivals, Drip, Misstate, Prolong, Revoke, Rewrite, Skew, Truncate, check_fit
from local.standin.operations import OPERATIONS
from local.standin.server import VendorStandIn
from local.standin.tasks import Fate
from tests.support.servers.probe import Probe
from workspace_exports.core.clock import utc_now


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(utc_now())


@pytest.fixture
def vendor(clock: SettableClock) -> Iterator[VendorStandIn]:
    with VendorStandIn(task_seconds=0, clock=clock) as running:
        yield running


@pytest.fixture
def probe(vendor: VendorStandIn, clock: SettableClock) -> Iterator[Probe]:
    with Probe(vendor.url, clock=clock) as caller:
        yield caller


def pieces(probe: Probe, target: str) -> list[bytes]:
    """A body as it comes off the wire, read by read."""
    call = probe.signed("GET", target)
    with probe.http.stream("GET", probe.url + target, headers=dict(call.headers)) as answer:
        return list(answer.iter_raw())


LIST = f"/v2/{DEMO_PROJECT_ID}/export-tasks"


class TestSlowness:
    def test_a_dripping_body_comes_in_many_pieces_and_whole(self, vendor: VendorStandIn, probe: Probe) -> None:
        whole = b"".join(pieces(probe, LIST))
        vendor.script("list", Drip(3, 0.01))
        dripped = pieces(probe, LIST)
        assert b"".join(dripped) == whole
        assert len(dripped) > 3

    def test_a_file_drips_as_well(self, vendor: VendorStandIn, probe: Probe) -> None:
        task_id = probe.create("users")
        vendor.script("download", Drip(1000, 0.001))
        assert probe.download(task_id).content == vendor.report(task_id)

    def test_a_dripping_head_outlasts_a_client_that_waits_for_each_piece_too_briefly(
        self, vendor: VendorStandIn, probe: Probe
    ) -> None:
        vendor.script("list", Drip(8, 30, head=True))
        probe.http.timeout = httpx.Timeout(0.05)
        with pytest.raises(httpx.ReadTimeout):
            probe.call("list")

    def test_a_dripping_head_comes_whole_in_the_end(self, vendor: VendorStandIn, probe: Probe) -> None:
        vendor.script("list", Drip(16, 0.001, head=True))
        assert probe.listed() == []


class TestLength:
    def test_json_can_be_cut_though_its_length_was_declared(self, vendor: VendorStandIn, probe: Probe) -> None:
        vendor.script("list", Truncate(10))
        with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes, expected"):
            probe.call("list")

    def test_json_can_be_cut_and_look_complete(self, vendor: VendorStandIn, probe: Probe) -> None:
        vendor.script("users", Truncate(10, declared=False))
        assert probe.call("users").content == b'{"task_id"'
        assert len(vendor.tasks) == 1

    def test_a_part_of_a_file_can_come_though_none_was_asked_for(self, vendor: VendorStandIn, probe: Probe) -> None:
        task_id = probe.create("users")
        vendor.script("download", Truncate(10, ranged=True))
        got, whole = probe.download(task_id), vendor.report(task_id)
        assert (got.status_code, got.content) == (206, whole[:10])
        assert got.headers["Content-Range"] == f"bytes 0-9/{len(whole)}"

    def test_junk_can_be_counted_as_the_answers_own(self, vendor: VendorStandIn, probe: Probe) -> None:
        vendor.script("list", Prolong(b"junk", 2))
        got = probe.call("list")
        assert got.content.endswith(b"}junkjunk")
        assert int(got.headers["Content-Length"]) == len(got.content)

    def test_a_file_can_be_longer_than_it_is(self, vendor: VendorStandIn, probe: Probe) -> None:
        task_id = probe.create("users")
        vendor.script("download", Prolong(b"junk"))
        assert probe.download(task_id).content == vendor.report(task_id) + b"junk"

    def test_more_can_come_than_was_declared(self, vendor: VendorStandIn) -> None:
        vendor.script("tokens", Prolong(b"junk", counted=False))
        got = raw_answer(vendor, b"POST /v3/auth/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
        head, _, body = got.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body) - 4}".encode() in head
        assert body.endswith(b"junk")

    def test_a_body_may_never_end(self, vendor: VendorStandIn, probe: Probe) -> None:
        vendor.script("list", Prolong(bytes(1000), None))
        call, came = probe.signed("GET", LIST), 0
        with probe.http.stream("GET", probe.url + LIST, headers=dict(call.headers)) as answer:
            for chunk in answer.iter_raw():
                came += len(chunk)
                if came > 5_000_000:
                    break
        assert came > 5_000_000
        assert probe.listed() == []


def raw_answer(vendor: VendorStandIn, request: bytes) -> bytes:
    """All that comes, no client library in between."""
    import socket  # noqa: PLC0415 - of one test
    from urllib.parse import urlsplit  # noqa: PLC0415

    where = urlsplit(vendor.url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=5) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


class TestTruth:
    @pytest.mark.parametrize(
        ("change", "body"),
        [
            (shapes.as_list, [{"task_id": "ID"}]),
            (shapes.as_objects, {"task_id": {"value": "ID"}}),
            (shapes.numbered, {"task_id": 7}),
            (shapes.nulled, {"task_id": None}),
            (shapes.climbing, {"task_id": "../ID"}),
            (shapes.emptied, {}),
            (shapes.complaining, {"error_code": "WKS.00211401", "error_msg": "Internal error, try again later"}),
        ],
    )
    def test_json_can_be_of_another_shape_though_the_work_was_done(
        self, change: Callable[[Any], Any], body: object, vendor: VendorStandIn, probe: Probe
    ) -> None:
        vendor.script("users", Rewrite(change))
        got = probe.call("users")
        assert got.status_code == 200
        assert json.loads(got.text.replace(vendor.tasks[0].task_id, "ID")) == body

    def test_the_list_can_hold_every_task_twice_with_unknown_and_unprintable_words(
        self, vendor: VendorStandIn, probe: Probe
    ) -> None:
        task_id = probe.create("users")
        vendor.script("list", Rewrite(shapes.doubled), Rewrite(shapes.reworded("PAUSED")), Rewrite(shapes.unprintable))
        assert [item["task_id"] for item in probe.listed()] == [task_id, task_id]
        assert [item["status"] for item in probe.listed()] == ["PAUSED"]
        assert [item["file_name"] for item in probe.listed()] == [shapes.LONE_SURROGATE]

    def test_a_refusal_stays_what_it_is(self, vendor: VendorStandIn, probe: Probe) -> None:
        vendor.script("list", Rewrite(shapes.emptied))
        assert probe.call("list", {"limit": 1000}).json()["error_code"] == "WKS.00211102"

    def test_an_error_can_come_inside_a_success(self, vendor: VendorStandIn, probe: Probe) -> None:
        vendor.script("users", error(200, "WKS.1", "odd"))
        got = probe.call("users")
        assert (got.status_code, got.json(), vendor.tasks) == (200, {"error_code": "WKS.1", "error_msg": "odd"}, ())

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize("location", ["http://127.0.0.1:9/elsewhere", "file:x", None])
    def test_any_redirect_can_be_answered(
        self, status: int, location: str | None, vendor: VendorStandIn, probe: Probe
    ) -> None:
        vendor.script("list", redirect(status, location))
        call = probe.signed("GET", LIST)
        request = probe.http.build_request("GET", probe.url + LIST, headers=dict(call.headers))
        # Beneath the client, which would read the Location itself.
        got = probe.http._transport.handle_request(request)
        got.close()
        assert (got.status_code, got.headers.get("Location")) == (status, location)

    @pytest.mark.parametrize("date", [None, "yesterday"])
    def test_a_date_can_be_left_out_or_be_none(self, date: str | None, vendor: VendorStandIn, probe: Probe) -> None:
        vendor.script("list", Misstate({"date": date, "Content-Type": "text/html"}))
        got = probe.call("list")
        assert (got.headers.get("Date"), got.headers["Content-Type"]) == (date, "text/html")
        assert got.json() == {"export_tasks": [], "count": 0}

    def test_a_status_can_be_another_one(self, vendor: VendorStandIn, probe: Probe) -> None:
        vendor.script("list", Misstate({}, status=203))
        got = probe.call("list")
        assert (got.status_code, got.json()) == (203, {"export_tasks": [], "count": 0})


class TestIdentity:
    @pytest.mark.parametrize("seconds", [3600.0, -3600.0])
    def test_a_skewed_gateway_refuses_a_right_signature_and_shows_its_own_date(
        self, seconds: float, vendor: VendorStandIn, probe: Probe, clock: SettableClock
    ) -> None:
        vendor.script("list", Skew(seconds))
        got = probe.call("list")
        assert (got.status_code, got.json()["error_code"]) == (401, "APIGW.0303")
        off = parsedate_to_datetime(got.headers["Date"]) - clock()
        assert abs(off - timedelta(seconds=seconds)) < timedelta(seconds=1)
        assert probe.call("list").status_code == 200

    def test_a_token_can_be_revoked_before_its_time_and_a_new_one_serves(self, vendor: VendorStandIn) -> None:
        with httpx.Client(base_url=vendor.url) as http:
            first = token(http)
            assert looked(http, first) == (200, None)
            vendor.script("list", Revoke())
            assert [looked(http, first) for _ in range(2)] == [(401, "APIGW.0307")] * 2
            assert looked(http, token(http)) == (200, None)

    def test_a_signed_call_has_no_token_to_lose(self, vendor: VendorStandIn, probe: Probe) -> None:
        vendor.script("list", Revoke())
        assert probe.call("list").status_code == 200


def token(http: httpx.Client) -> str:
    user = {"name": DEMO_USER_NAME, "password": DEMO_PASSWORD, "domain": {"name": DEMO_DOMAIN_NAME}}
    identity = {"methods": ["password"], "password": {"user": user}}
    auth = {"identity": identity, "scope": {"project": {"name": DEMO_REGION}}}
    return http.post("/v3/auth/tokens", json={"auth": auth}).headers["X-Subject-Token"]


def looked(http: httpx.Client, with_token: str) -> tuple[int, str | None]:
    got = http.get(LIST, headers={"X-Auth-Token": with_token})
    return got.status_code, got.json().get("error_code")


class TestFates:
    def test_a_task_can_disappear_after_it_was_seen(
        self, vendor: VendorStandIn, probe: Probe, clock: SettableClock
    ) -> None:
        vendor.script("users", disappears(10))
        task_id = probe.create("users")
        assert [item["task_id"] for item in probe.listed()] == [task_id]
        clock.advance(seconds=10)
        assert probe.listed() == []
        assert probe.download(task_id).status_code == 404

    def test_a_task_can_end_with_an_unknown_status(self, vendor: VendorStandIn, probe: Probe) -> None:
        vendor.script("users", ends_as("PAUSED"))
        probe.create("users")
        assert [item["status"] for item in probe.listed()] == ["PAUSED"]


NEWEST_FIRST: dict[str, Any] = {"sort_field": "create_time", "sort_type": "DESC"}


class TestCrowds:
    def test_a_hundred_thousand_strangers_tasks_are_listed_page_by_page_and_ours_among_them(
        self, clock: SettableClock
    ) -> None:
        with (
            VendorStandIn(task_seconds=0, clock=clock, crowd=100_000) as vendor,
            Probe(vendor.url, clock=clock) as probe,
        ):
            ours = probe.create("users")
            newest = probe.call("list", NEWEST_FIRST | {"limit": 100}).json()
            assert (newest["count"], len(newest["export_tasks"])) == (100_001, 100)
            assert newest["export_tasks"][0]["task_id"] == ours
            oldest = probe.call("list", {"offset": 99_990, "limit": 100}).json()["export_tasks"]
            assert (len(oldest), oldest[-1]["task_id"]) == (11, ours)
            assert [item["task_id"] for item in probe.listed(task_id=ours)] == [ours]
            strangers = newest["export_tasks"][1]
            assert probe.listed(task_id=strangers["task_id"]) == [strangers]
            made = datetime.fromisoformat(strangers["create_time"])
            assert clock() - made >= timedelta(hours=1)
            assert [task.task_id for task in vendor.tasks] == [ours]

    def test_pages_overlap_where_strangers_order_in_between(self, vendor: VendorStandIn, probe: Probe) -> None:
        vendor.script("list", Arrivals(3))
        newest: dict[str, Any] = NEWEST_FIRST | {"limit": 2}
        first = probe.listed(**newest)
        vendor.script("list", Arrivals(1))
        second = probe.listed(**newest, offset=2)
        assert [item["task_id"] for item in second] == [first[1]["task_id"], second[1]["task_id"]]
        assert second[1] not in first
        assert vendor.tasks == ()


class TestNames:
    @pytest.mark.parametrize("name", FAULTS)
    def test_each_fits_where_it_is_said_to(self, name: str) -> None:
        assert FAULTS[name].on
        for operation in FAULTS[name].on:
            check_fit(operation, FAULTS[name].fault)
            assert faults_for(operation)[name] == FAULTS[name].fault

    def test_every_operation_has_some_that_pass_and_some_that_do_not(self) -> None:
        for operation in OPERATIONS:
            assert {FAULTS[name].course for name in faults_for(operation)} == set(Course)
        assert {name for name in FAULTS if FAULTS[name].course is Course.PASSES} == PASSING

    def test_only_those_named_are_thrown_each_where_it_fits(self) -> None:
        names = ("no-date", "doubled-list", "task-failed")
        with (
            VendorStandIn(task_seconds=0, fault_rate=1, fault_names=names) as vendor,
            Probe(vendor.url) as probe,
        ):
            probe.call("delete", {"task_ids": ["x"]})
            assert vendor.random_faults == {"no-date": 1}
            for operation in ("list", "users") * 20:
                with contextlib.suppress(httpx.TransportError):
                    probe.call(operation)
            assert set(vendor.random_faults) == set(names)
            assert {task.fate for task in vendor.tasks} == {FAULTS["task-failed"].fault, Fate()}

    def test_what_fits_nowhere_is_not_thrown(self) -> None:
        with VendorStandIn(fault_rate=1, fault_names=["cut-file"]) as vendor, Probe(vendor.url) as probe:
            assert probe.call("list").status_code == 200
            assert vendor.random_faults == {}

    def test_a_name_that_is_none_is_a_mistake(self) -> None:
        with pytest.raises(ValueError, match="no fault is called 'thunder'"):
            VendorStandIn(fault_names=["throttled", "thunder"])
