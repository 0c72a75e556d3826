"""The handlers against the stand-in and a real archive: the whole chain, and everything that can go wrong in it."""

import io
import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

import openpyxl
import pytest

from functions.start_export import app as start_export
from local.faults.connections import DROP_BEFORE_WORK
from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.faults.answers import answer, error, html_page, server_error, throttled
from local.standin.faults.fates import expires, fails, never_finishes, vanishes
from local.standin.faults.mishaps import Fault, Truncate
from local.standin.reports import REPORT_SHEET, expected_rows
from local.standin.server import VendorStandIn
from tests.support.builders.requests import ACCESS, DAY, HOUR_AGO, LONG_AGO, NEXT_DAY, RECORDS
from tests.support.checks.landed import landed
from tests.support.checks.leaks import FILTER_CANARY, leaks
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import CONTEXT
from workspace_exports.archive.layout import SeriesName, manifest_key
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.core.errors import (
    BadFile,
    DeadlineExceeded,
    ExportError,
    FileExpired,
    Misconfigured,
    Rejected,
    TaskFailed,
    TaskLost,
    Throttled,
    Unauthorized,
    UnexpectedAnswer,
    VendorUnavailable,
)
from workspace_exports.coverage.baseline import read_baseline, record_baseline
from workspace_exports.coverage.plans import read_plan
from workspace_exports.coverage.targets import Series
from workspace_exports.exports import EXPORTS
from workspace_exports.storage.store import Store

Planned = Callable[..., list[dict[str, Any]]]


@pytest.mark.parametrize(
    "request_",
    [RECORDS, ACCESS, RECORDS | {"filters": {"user_name": f"{FILTER_CANARY} 张三", "terminal_type": "Windows 10"}}],
)
def test_an_export_goes_from_the_order_to_the_archive(
    request_: dict[str, Any], vendor: VendorStandIn, store: Store, start: Call, poll: Call, fetch: Call
) -> None:
    ordered = start(**request_)
    looked = poll(**ordered)
    archived = fetch(**looked)["archived"]

    assert ordered | request_ == ordered
    assert ordered["project_id"] == DEMO_PROJECT_ID
    assert (ordered["start_time"], ordered["end_time"]) == (f"{DAY}T00:00:00Z", f"{DAY}T23:59:59Z")
    assert (looked["status"], looked["wait_seconds"]) == ("SUCCESS", 0)
    assert looked["file_name"].endswith(".xlsx")
    assert archived["outcome"] == "landed"
    (task,) = vendor.tasks
    content = b"".join(store.chunks(archived["key"]))
    assert content == vendor.report(task.task_id)
    sheet = openpyxl.load_workbook(io.BytesIO(content))[REPORT_SHEET]
    rows = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows == [[str(cell) for cell in row] for row in expected_rows(task.report)]
    manifest = json.loads(store.read(archived["manifest_key"]) or b"")
    assert manifest["vendor_request_ids"]["download"]


def test_every_filter_reaches_the_vendor_as_it_was_given(vendor: VendorStandIn, start: Call) -> None:
    filters = {"user_name": "a b+c", "min_e2e_rtt": 0, "max_e2e_rtt": 300, "language": "zh_CN", "public_ip": "::1"}
    start(**RECORDS, filters=filters)
    (call,) = vendor.requests
    assert call.target.partition("?")[2] == (
        f"end_time={NEXT_DAY}T00%3A00%3A01Z&language=zh_CN&max_e2e_rtt=300&min_e2e_rtt=0&public_ip=%3A%3A1"
        f"&start_time={DAY}T00%3A00%3A00Z&user_name=a%20b%2Bc"
    )


@pytest.mark.parametrize(
    ("request_", "content_type"), [(RECORDS, "application/json"), (ACCESS, "application/json;charset=utf-8")]
)
@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_an_orders_content_type_is_the_one_the_vendors_own_client_sends(
    request_: dict[str, Any], content_type: str, vendor: VendorStandIn, start: Call
) -> None:
    start(**request_)
    (call,) = vendor.requests
    assert [value for name, value in call.headers if name.lower() == "content-type"] == [content_type]


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"kind": "logins", "day": DAY}, "kind 'logins' is not known"),
        (RECORDS | {"dry_run": True}, "dry_run is not a field here"),
        ({"kind": "connection-records"}, "give day, start_time or end_time"),
        ({"kind": "connection-records", "day": "2020-01-01"}, "is more than 30 days ago"),
        ({"kind": "connection-records", "start_time": HOUR_AGO, "end_time": LONG_AGO}, "is after end_time"),
        ({"kind": "connection-records", "day": utc_now().date().isoformat()}, "is not over"),
        ({"kind": "app-user-access", "start_time": LONG_AGO}, "end_time is missing"),
        (ACCESS | {"filters": {"sort_type": "ASC"}}, "sort_type needs sort_field"),
        (RECORDS | {"project_id": "../other"}, "project_id"),
        ({}, "kind is missing"),
    ],
)
def test_bad_input_is_rejected_before_the_vendor_hears_of_it(
    event: dict[str, Any], says: str, vendor: VendorStandIn, start: Call
) -> None:
    with pytest.raises(Rejected) as caught:
        start(**event)
    assert says in str(caught.value)
    assert vendor.requests == ()


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_filters_beyond_the_length_of_a_url_are_rejected(vendor: VendorStandIn, start: Call) -> None:
    with pytest.raises(Rejected, match="too long for one request"):
        start(**RECORDS, filters={"user_name": "x" * 200_000})
    assert vendor.requests == ()


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
@pytest.mark.parametrize("event", [None, [], "x", 7, {"requestContext": None}, {"requestContext": "http"}])
def test_anything_at_all_may_be_handed_to_a_function(event: Any, environment: pytest.MonkeyPatch) -> None:
    with pytest.raises(Rejected):
        start_export.handler(event, CONTEXT)


@pytest.mark.parametrize(
    ("fault", "error_class", "says"),
    [
        (throttled(), Throttled, "APIGW.0308"),
        (server_error(503), VendorUnavailable, "WKS.00211401"),
        (html_page(502), VendorUnavailable, "502"),
        (DROP_BEFORE_WORK, VendorUnavailable, "no answer from the vendor"),
        (error(400, "WKS.00211102", "start_time is odd"), Rejected, "WKS.00211102: start_time is odd"),
        (error(403, "WKS.00081102", "no permission"), Unauthorized, "no permission"),
        (answer(302, headers={"Location": "https://example.com"}), VendorUnavailable, "redirects are never followed"),
        (answer(200, b"{}"), VendorUnavailable, "names no task"),
        (answer(200, b"[]"), VendorUnavailable, "names no task"),
        (answer(200, b"<html>"), VendorUnavailable, "names no task"),
    ],
)
@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_an_order_that_goes_wrong_says_what_the_vendor_said(
    fault: Fault, error_class: type[ExportError], says: str, vendor: VendorStandIn, start: Call
) -> None:
    vendor.script("connection-records", fault)
    with pytest.raises(error_class) as caught:
        start(**RECORDS)
    assert says in str(caught.value)
    assert caught.value.window == f"{DAY}T00:00:00Z/{DAY}T23:59:59Z"
    assert len(vendor.calls("connection-records")) == 1
    assert not vendor.pending_faults


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
class TestLooking:
    def test_a_task_in_the_making_is_to_be_looked_at_again(
        self, vendor: VendorStandIn, start: Call, poll: Call
    ) -> None:
        vendor.script("connection-records", never_finishes())
        looked = poll(**start(**RECORDS))
        assert (looked["status"], looked["wait_seconds"]) == ("CREATING", 5)
        assert poll(**looked)["status"] == "CREATING"

    def test_a_task_that_takes_too_long_is_left_for_a_later_run_and_named(
        self, vendor: VendorStandIn, start: Call, poll: Call
    ) -> None:
        vendor.script("connection-records", never_finishes())
        ordered = start(**RECORDS)
        with pytest.raises(DeadlineExceeded) as caught:
            poll(**ordered | {"ordered_at": LONG_AGO})
        assert caught.value.task_id == ordered["task_id"]
        assert ordered["task_id"] in str(caught.value)

    def test_a_task_not_listed_yet_has_a_grace_period_and_is_lost_after_it(
        self, vendor: VendorStandIn, start: Call, poll: Call
    ) -> None:
        vendor.script("connection-records", vanishes())
        ordered = start(**RECORDS)
        assert poll(**ordered)["status"] == "CREATING"
        with pytest.raises(TaskLost, match=ordered["task_id"]):
            poll(**ordered | {"ordered_at": HOUR_AGO})

    def test_a_downloaded_task_is_found_though_the_vendor_hides_it(
        self, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call
    ) -> None:
        looked = poll(**start(**RECORDS))
        fetch(**looked)
        before = len(vendor.calls("list"))
        assert poll(**looked)["status"] == "SUCCESS"
        assert len(vendor.calls("list")) == before + 2

    def test_an_archived_export_stays_archived_with_any_task_status(
        self, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call
    ) -> None:
        looked = poll(**start(**RECORDS))
        fetch(**looked)
        body = json.dumps({"export_tasks": [{"task_id": looked["task_id"], "status": "ARCHIVED"}]}).encode()
        vendor.script("list", answer(200, body))
        assert poll(**looked)["status"] == "SUCCESS"

    @pytest.mark.parametrize(
        ("body", "error_class", "says"),
        [
            (
                b'{"export_tasks": [{"task_id": "TASK", "status": "PAUSED"}]}',
                UnexpectedAnswer,
                "status word 'PAUSED'",
            ),
            (b'{"export_tasks": [{"task_id": "TASK"}]}', VendorUnavailable, "without a usable status"),
            (b'{"export_tasks": "none"}', VendorUnavailable, "JSON, which holds no export_tasks"),
            (b"[]", VendorUnavailable, "a JSON list, which holds no export_tasks"),
            (b"<html>", VendorUnavailable, "a web page or XML, which holds no export_tasks"),
        ],
    )
    def test_what_it_does_not_know_is_never_taken_for_running(
        self,
        body: bytes,
        error_class: type[ExportError],
        says: str,
        vendor: VendorStandIn,
        start: Call,
        poll: Call,
    ) -> None:
        ordered = start(**RECORDS)
        vendor.script("list", answer(200, body.replace(b"TASK", ordered["task_id"].encode())))
        with pytest.raises(error_class, match=says):
            poll(**ordered)

    def test_another_task_in_the_answer_is_not_taken_for_ours(
        self, vendor: VendorStandIn, start: Call, poll: Call
    ) -> None:
        vendor.script("connection-records", never_finishes())
        ordered = start(**RECORDS)
        other = b'{"export_tasks": [{"task_id": "other", "status": "SUCCESS"}, 7]}'
        vendor.script("list", answer(200, other), answer(200, other))
        assert poll(**ordered)["status"] == "CREATING"


class TestFetching:
    @pytest.fixture
    def looked(self, start: Call, poll: Call) -> dict[str, Any]:
        return poll(**start(**RECORDS))

    @pytest.mark.parametrize(
        ("fault", "error_class", "says"),
        [
            (Truncate(4000, declared=False), BadFile, "cut short"),
            (html_page(200), BadFile, "web page"),
            (answer(200, b'{"error_code": "WKS.1", "error_msg": "no"}'), BadFile, "JSON came instead"),
            (throttled("30"), Throttled, "APIGW.0308"),
            (server_error(500), VendorUnavailable, "WKS.00211401"),
            (DROP_BEFORE_WORK, VendorUnavailable, "no answer"),
            (error(404, "WKS.00081103", "not found"), TaskLost, "not found"),
            (error(400, "WKS.00211102", "The file has expired"), FileExpired, "has expired"),
            (answer(410), FileExpired, "gone"),
            (error(404, "APIGW.0101", "The API does not exist"), Rejected, "APIGW.0101"),
            (error(403, "WKS.1", "The subscription expired"), Unauthorized, "subscription expired"),
            (answer(200, b"x", {"Content-Encoding": "gzip"}), BadFile, "encoded as 'gzip'"),
            (Truncate(0, declared=False), BadFile, "no length was announced"),
            (answer(500, b"x" * 200_000), VendorUnavailable, "xxx"),
        ],
    )
    def test_what_goes_wrong_leaves_no_trace_and_the_next_try_lands(
        self,
        fault: Fault,
        error_class: type[ExportError],
        says: str,
        vendor: VendorStandIn,
        looked: dict[str, Any],
        store: Store,
        fetch: Call,
    ) -> None:
        vendor.script("download", fault)
        with pytest.raises(error_class, match=says) as caught:
            fetch(**looked)
        assert caught.value.task_id == looked["task_id"]
        assert landed(store) == []
        assert fetch(**looked)["archived"]["outcome"] == "landed"

    def test_credentials_that_were_refused_are_not_tried_again_by_the_next_invocation(
        self, looked: dict[str, Any], fetch: Call, vendor: VendorStandIn
    ) -> None:
        vendor.script("download", error(401, "APIGW.0301", "The security token has expired"))
        with pytest.raises(Unauthorized, match="token has expired"):
            fetch(**looked)
        with pytest.raises(Unauthorized, match="not used again for five minutes"):
            fetch(**looked)
        assert len(vendor.calls("download")) == 1

    def test_a_task_that_failed_is_told_with_the_vendors_reason(
        self, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call
    ) -> None:
        vendor.script("connection-records", fails("the disk is full", "WKS.0042"))
        looked = poll(**start(**RECORDS))
        assert (looked["status"], looked["fail_reason"], looked["error_code"]) == (
            "FAIL",
            "the disk is full",
            "WKS.0042",
        )
        with pytest.raises(TaskFailed, match=r"WKS\.0042: the disk is full"):
            fetch(**looked)

    def test_a_file_that_expired_is_told_so(self, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call) -> None:
        vendor.script("connection-records", expires(0))
        looked = poll(**start(**RECORDS))
        assert looked["status"] == "EXPIRED"
        with pytest.raises(FileExpired):
            fetch(**looked)

    @pytest.mark.parametrize("status", [None, "CREATING"])
    def test_where_no_look_has_seen_the_end_it_looks_itself(
        self, status: str | None, looked: dict[str, Any], fetch: Call
    ) -> None:
        fetched = fetch(**looked | {"status": status, "file_name": None})
        assert (fetched["status"], fetched["file_name"]) == ("SUCCESS", looked["file_name"])
        assert fetched["archived"]["outcome"] == "landed"

    @pytest.mark.parametrize("fate", [never_finishes(), vanishes()])
    def test_a_task_in_the_making_is_not_fetched(
        self, fate: Fault, start: Call, fetch: Call, vendor: VendorStandIn
    ) -> None:
        vendor.script("connection-records", fate)
        ordered = start(**RECORDS)
        with pytest.raises(Rejected, match="still making the file") as caught:
            fetch(**ordered)
        assert (caught.value.http_status, caught.value.retry_after_seconds) == (409, 5)
        assert vendor.calls("download") == ()

    def test_a_task_that_the_vendor_does_not_list_is_lost(
        self, start: Call, fetch: Call, vendor: VendorStandIn
    ) -> None:
        vendor.script("connection-records", vanishes())
        ordered = start(**RECORDS) | {"ordered_at": HOUR_AGO}
        with pytest.raises(TaskLost):
            fetch(**ordered)
        with pytest.raises(Rejected, match="still making the file"):
            fetch(**ordered | {"adopted_at": to_wire(utc_now())})

    def test_a_replay_changes_nothing_and_asks_the_vendor_nothing(
        self, looked: dict[str, Any], fetch: Call, store: Store, vendor: VendorStandIn
    ) -> None:
        first = fetch(**looked)
        before = {key: b"".join(store.chunks(key)) for key in store.keys("")}
        again = fetch(**looked)
        assert again["archived"] == first["archived"] | {"outcome": "already-landed"}
        assert {key: b"".join(store.chunks(key)) for key in store.keys("")} == before
        assert len(vendor.calls("download")) == 1

    def test_what_two_tasks_say_there_is_no_data_for_is_recorded_as_empty(
        self, start_empty: Call, poll: Call, fetch: Call, store: Store
    ) -> None:
        archived = fetch(**poll(**start_empty(**RECORDS)))["archived"]
        assert archived["outcome"] == "empty"
        assert landed(store) == [archived["manifest_key"]]

    def test_the_vendors_copy_stays_unless_asked_otherwise(
        self, looked: dict[str, Any], fetch: Call, vendor: VendorStandIn
    ) -> None:
        fetch(**looked)
        assert vendor.calls("delete") == ()

    @pytest.mark.parametrize("faults", [[], [server_error()]])
    def test_the_vendors_copy_is_deleted_on_demand_and_its_failure_harms_nothing(
        self,
        faults: list[Fault],
        looked: dict[str, Any],
        fetch: Call,
        vendor: VendorStandIn,
        environment: pytest.MonkeyPatch,
    ) -> None:
        environment.setenv("DELETE_AFTER_LANDING", "true")
        vendor.script("delete", *faults)
        assert fetch(**looked)["archived"]["outcome"] == "landed"
        assert len(vendor.calls("delete")) == 1
        assert fetch(**looked)["archived"]["outcome"] == "already-landed"
        assert len(vendor.calls("delete")) == 1

    def test_what_is_empty_is_not_deleted_at_the_vendor(
        self, start_empty: Call, poll: Call, fetch: Call, vendor: VendorStandIn, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setenv("DELETE_AFTER_LANDING", "true")
        assert fetch(**poll(**start_empty(**RECORDS)))["archived"]["outcome"] == "empty"
        assert vendor.calls("delete") == ()

    def test_no_row_of_a_user_and_no_secret_reaches_the_result_or_the_log(
        self, looked: dict[str, Any], fetch: Call, log: io.StringIO
    ) -> None:
        result = fetch(**looked)
        assert "landed" in log.getvalue()
        assert leaks(str(result) + log.getvalue()) == []

    def test_a_file_comes_as_it_is_and_not_packed_once_more(
        self, looked: dict[str, Any], fetch: Call, vendor: VendorStandIn
    ) -> None:
        fetch(**looked)
        (call,) = vendor.calls("download")
        assert [value for name, value in call.headers if name.lower() == "accept-encoding"] == ["identity"]


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
class TestLogging:
    """What a log line says is a list of names and not whatever a contract holds, filters among it."""

    ALWAYS: ClassVar = {
        "level",
        "location",
        "message",
        "timestamp",
        "service",
        "correlation_id",
        "request_id",
        "function_name",
        "cold_start",
    }
    FILTERED: ClassVar = RECORDS | {"filters": {"user_name": FILTER_CANARY}}

    def test_the_end_of_a_step_says_what_it_is_about_and_how_it_ended(
        self, start: Call, poll: Call, fetch: Call, log: io.StringIO
    ) -> None:
        fetch(**poll(**start(**self.FILTERED)))
        ordered, looked, fetched = (json.loads(line) for line in log.getvalue().splitlines())
        assert {line["message"] for line in (ordered, looked, fetched)} == {"done"}
        about = self.ALWAYS | {"kind", "window", "task_id"}
        assert ordered.keys() == about
        assert looked.keys() == about | {"status", "wait_seconds"}
        assert fetched.keys() == about | {"archived"}
        assert fetched["archived"].keys() == {"outcome", "url", "key", "manifest_key", "size_bytes", "sha256"}

    def test_the_end_of_a_failed_task_says_why(
        self, vendor: VendorStandIn, start: Call, poll: Call, log: io.StringIO
    ) -> None:
        vendor.script("connection-records", fails("the disk is full", "WKS.0042"))
        poll(**start(**self.FILTERED))
        looked = json.loads(log.getvalue().splitlines()[-1])
        told = {"kind", "window", "task_id", "status", "wait_seconds", "fail_reason", "error_code"}
        assert looked.keys() == self.ALWAYS | told

    def test_the_end_of_a_plan_names_the_run_and_no_order(self, plan: Call, log: io.StringIO) -> None:
        plan()
        (planned,) = (json.loads(line) for line in log.getvalue().splitlines())
        assert planned.keys() == self.ALWAYS | {"run", "planned", "postponed"}


class TestPlanning:
    def test_writes_the_missing_days_of_every_kind_the_next_to_be_lost_first(self, planned: Planned) -> None:
        exports = [item["export"] for item in planned()]
        reach = {kind: timedelta(days=EXPORTS[kind].window.last_days) for kind in EXPORTS}
        lost_on = [date.fromisoformat(export["day"]) + reach[export["kind"]] for export in exports]
        assert lost_on == sorted(lost_on)
        kinds = {kind for kind, export in EXPORTS.items() if export.window.has_days}
        assert {export["kind"] for export in exports[: 2 * len(kinds)]} == kinds
        found = Counter(export["kind"] for export in exports)
        assert found.pop("desktop-usage") in range(177, 180)
        assert set(found) == kinds - {"desktop-usage"}
        assert set(found.values()) <= set(range(27, 30))

    def test_what_one_run_cannot_take_in_is_left_to_the_next(self, plan: Call, monkeypatch: pytest.MonkeyPatch) -> None:
        every = plan(kinds=["user-usage"])["planned"]
        monkeypatch.setattr("workspace_exports.coverage.plan.MOST_PLANNED", 3)
        cut = plan(kinds=["user-usage"])
        assert (cut["planned"], cut["postponed"]) == (3, every - 3)

    def test_tells_the_run_and_where_its_plan_is(self, plan: Call, store: Store) -> None:
        run = plan(kinds=["connection-records"], first_day=DAY, last_day=DAY)
        place = urlsplit(store.url)
        bucket = {"bucket": place.netloc} if place.scheme == "s3" else {}
        prefix = f"{place.path[1:]}/" if bucket else ""
        assert run["planned"] == 1
        assert run["plan"] == bucket | {"key": f"{prefix}runs/{run['run']}/plan.json"}
        assert re.fullmatch(r"[A-Za-z0-9-]+", run["run"])

    def test_a_name_is_good_for_one_day_and_one_export(self, planned: Planned) -> None:
        first, second = planned(), planned()
        names = [item["name"] for item in first]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,80}", name) for name in names)
        assert {item["name"][8:] for item in first} == {item["name"][8:] for item in second}
        assert {item["name"][:8] for item in first} <= {f"{utc_now() - timedelta(days=n):%Y%m%d}" for n in (0, 1)}

    def test_a_snapshot_has_no_days_to_plan(self, plan: Call) -> None:
        with pytest.raises(Rejected, match="users is a snapshot of now and has no days to complete"):
            plan(kinds=["connection-records", "users"])

    def test_a_day_out_of_reach_is_told_with_the_kind_it_is_out_of_reach_for(self, plan: Call) -> None:
        first = (utc_now() - timedelta(days=60)).date().isoformat()
        assert plan(kinds=["desktop-usage"], first_day=first)["planned"] > 0
        with pytest.raises(Rejected, match="kind=user-usage"):
            plan(kinds=["desktop-usage", "user-usage"], first_day=first)

    def test_what_is_archived_is_not_planned_again(
        self, planned: Planned, start: Call, poll: Call, fetch: Call
    ) -> None:
        asked = {"kinds": ["connection-records"], "first_day": DAY, "last_day": DAY}
        (missing,) = planned(**asked, correlation_id="today")
        named = {"project_id": DEMO_PROJECT_ID, "filters": {}, "correlation_id": "today"}
        assert missing["export"] == RECORDS | named
        fetch(**poll(**start(**missing["export"])))
        assert planned(**asked) == []

    def test_the_first_plan_says_since_when_the_archive_is_to_be_complete(
        self, plan: Call, planned: Planned, store: Store
    ) -> None:
        plan(kinds=["connection-records"], first_day=DAY)
        assert read_baseline(store, SeriesName(DEMO_PROJECT_ID, "connection-records")) is None
        first, *_ = planned(kinds=["connection-records"])
        since = date.fromisoformat(first["export"]["day"])
        assert read_baseline(store, SeriesName(DEMO_PROJECT_ID, "connection-records")) == since
        record_baseline(store, {Series("connection-records", DEMO_PROJECT_ID): since - timedelta(days=1)})
        assert read_baseline(store, SeriesName(DEMO_PROJECT_ID, "connection-records")) == since

    def test_what_was_written_can_be_read_again(self, plan: Call, store: Store) -> None:
        run = plan()
        exports = list(read_plan(store, run["run"]))
        assert len(exports) == run["planned"]
        assert {manifest_key(item.placed(utc_now())) for item in exports} == {
            f"manifests/kind={item.export.kind}/project_id={DEMO_PROJECT_ID}/day={item.export.day}.json"
            for item in exports
        }

    @pytest.mark.parametrize(
        "asked", [{"first_day": "2020-01-01"}, {"last_day": utc_now().date().isoformat()}, {"kinds": ["logins"]}]
    )
    def test_an_impossible_range_is_rejected(self, asked: dict[str, Any], plan: Call) -> None:
        with pytest.raises(Rejected):
            plan(**asked)


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_a_missing_setting_is_named(environment: pytest.MonkeyPatch, start: Call) -> None:
    environment.delenv("HUAWEICLOUD_SDK_SK")
    with pytest.raises(Misconfigured, match="HUAWEICLOUD_SDK_SK"):
        start(**RECORDS)


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_a_wrong_secret_is_refused_once_and_shown_nowhere(
    environment: pytest.MonkeyPatch, start: Call, vendor: VendorStandIn, log: io.StringIO
) -> None:
    environment.setenv("HUAWEICLOUD_SDK_SK", "a-wrong-secret")
    with pytest.raises(Unauthorized, match=r"APIGW\.0301") as caught:
        start(**RECORDS)
    assert len(vendor.requests) == 1
    assert "Unauthorized" in log.getvalue()
    assert "a-wrong-secret" not in str(caught.value) + log.getvalue()
