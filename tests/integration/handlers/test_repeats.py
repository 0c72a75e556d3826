"""The same thing asked for again: by a retry, a click, a later run, or by nothing but its task's id."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from local.faults.connections import LOSE_ANSWER
from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.faults.answers import answer, error, html_page, server_error, throttled
from local.standin.faults.fates import ends_as, expires, fails, never_finishes, vanishes
from local.standin.faults.mishaps import Fault, Truncate
from local.standin.messages import Answer
from local.standin.server import VendorStandIn
from tests.support.builders.order_records import aged, rewrite, unanswered
from tests.support.builders.requests import ACCESS, DAY, LONG_AGO, RECORDS
from tests.support.fixtures.handlers import Call
from workspace_exports.archive.layout import last_order_key, order_key, task_key
from workspace_exports.archive.order_log import LoggedOrder, begin_order
from workspace_exports.core.clock import from_wire, to_wire, utc_now
from workspace_exports.core.errors import (
    ArchiveUnavailable,
    BadFile,
    DeadlineExceeded,
    ExportError,
    FileExpired,
    Rejected,
    TaskLost,
    Throttled,
    VendorUnavailable,
)
from workspace_exports.events import Archived, PlacedExport
from workspace_exports.lifecycle import fetch as fetching
from workspace_exports.orders import OrderRecord
from workspace_exports.storage.store import Store

DAY_BEFORE = (date.fromisoformat(DAY) - timedelta(days=1)).isoformat()
USERS: dict[str, Any] = {"kind": "users"}
OLD: dict[str, Any] = {"kind": "connection-records", "day": to_wire(utc_now() - timedelta(days=6))[:10]}
UNSETTLED: dict[str, Any] = {
    "kind": "connection-records",
    "start_time": to_wire(utc_now() - timedelta(hours=5)),
    "end_time": to_wire(utc_now() - timedelta(hours=1)),
}
"""May gain records for another two hours at least."""

HOURS_SINCE_IT_HAD_NOT_SETTLED = (utc_now() - from_wire(f"{DAY}T23:59:59Z")) / timedelta(hours=1)


class TestStartingAgain:
    @pytest.mark.parametrize("request_", [RECORDS, ACCESS, USERS, RECORDS | {"filters": {"user_name": "x"}}, UNSETTLED])
    def test_adopts_its_own_task(
        self, request_: dict[str, Any], start: Call, poll: Call, fetch: Call, vendor: VendorStandIn
    ) -> None:
        first = start(**request_)
        second = start(**request_)
        assert second["wait_seconds"] == 0
        assert second.pop("adopted_at")
        assert second == first | {"wait_seconds": 0}
        assert fetch(**poll(**second))["archived"]["outcome"] == "landed"
        assert fetch(**poll(**first))["archived"]["outcome"] == "already-landed"
        assert len(vendor.tasks) == 1

    @pytest.mark.parametrize("fate", [never_finishes(), vanishes()])
    def test_adopts_a_task_in_the_making_or_not_yet_listed(
        self, fate: Fault, start: Call, vendor: VendorStandIn
    ) -> None:
        vendor.script("connection-records", fate)
        first = start(**RECORDS)
        second = start(**RECORDS)
        assert (second["task_id"], second["wait_seconds"]) == (first["task_id"], 5)
        assert len(vendor.tasks) == 1

    @pytest.mark.parametrize(
        "change",
        [{"kind": "app-user-access"}, {"filters": {"user_name": "x"}}, {"day": DAY_BEFORE}],
        ids=["kind", "filters", "day"],
    )
    def test_another_thing_is_another_task(self, change: dict[str, Any], start: Call, vendor: VendorStandIn) -> None:
        start(**RECORDS)
        start(**RECORDS | change)
        assert len(vendor.tasks) == 2

    @pytest.mark.parametrize("fate", [fails("the disk is full"), expires(0)])
    def test_orders_anew_where_the_task_is_beyond_help(self, fate: Fault, start: Call, vendor: VendorStandIn) -> None:
        vendor.script("connection-records", fate)
        assert start(**RECORDS)["task_id"] != start(**RECORDS)["task_id"]
        assert len(vendor.tasks) == 2

    def test_orders_anew_where_the_vendor_has_forgotten_the_task(
        self, start: Call, vendor: VendorStandIn, store: Store
    ) -> None:
        vendor.script("connection-records", vanishes())
        first = start(**RECORDS)
        rewrite(store, first, aged(hours=1))
        assert start(**RECORDS)["task_id"] != first["task_id"]

    def test_orders_again_if_the_task_is_unknown(self, start: Call, vendor: VendorStandIn, store: Store) -> None:
        vendor.script("connection-records", ends_as("PAUSED"))
        first = start(**RECORDS)
        assert start(**RECORDS)["task_id"] == first["task_id"], "it may only be new"
        rewrite(store, first, aged(hours=1))
        assert start(**RECORDS)["task_id"] != first["task_id"]

    def test_orders_nothing_while_the_list_is_none(self, start: Call, vendor: VendorStandIn, store: Store) -> None:
        first = start(**RECORDS)
        rewrite(store, first, aged(hours=1))
        vendor.script("list", html_page(200))
        with pytest.raises(VendorUnavailable):
            start(**RECORDS)
        assert len(vendor.tasks) == 1

    @pytest.mark.parametrize(
        ("fault", "raised"),
        [
            (error(400, "WKS.00211102", "The file has expired"), FileExpired),
            (error(404, "WKS.00081103", "not found"), TaskLost),
            (answer(200, b"<html>"), BadFile),
        ],
    )
    def test_orders_anew_where_the_file_is_beyond_help_though_the_list_says_success(
        self, fault: Answer, raised: type[ExportError], start: Call, poll: Call, fetch: Call, vendor: VendorStandIn
    ) -> None:
        first = poll(**start(**RECORDS))
        vendor.script("download", fault)
        with pytest.raises(raised):
            fetch(**first)
        second = poll(**start(**RECORDS))
        assert second["task_id"] != first["task_id"]
        assert fetch(**second)["archived"]["outcome"] == "landed"

    @pytest.mark.parametrize("second", [html_page(200), answer(200), error(400, "WKS.1", "The file has expired")])
    def test_orders_anew_where_a_file_that_is_believed_is_another_one_the_second_time(
        self, second: Answer, start: Call, poll: Call, fetch: Call, vendor: VendorStandIn
    ) -> None:
        encrypted = answer(200, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
        vendor.script("download", encrypted, encrypted, second)
        for _ in range(2):
            with pytest.raises((BadFile, FileExpired)):
                fetch(**poll(**start(**RECORDS)))
        assert fetch(**poll(**start(**RECORDS)))["archived"]["outcome"] == "landed"
        assert len(vendor.tasks) == 3

    def test_costs_no_task_once_it_is_archived(
        self, start: Call, poll: Call, fetch: Call, vendor: VendorStandIn, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setenv("DELETE_AFTER_LANDING", "true")
        first = fetch(**poll(**start(**RECORDS)))
        again = start(**RECORDS)
        assert (again["task_id"], again["wait_seconds"]) == (first["task_id"], 0)
        looked = poll(**again)
        assert (looked["status"], looked["file_name"]) == ("SUCCESS", first["file_name"])
        assert fetch(**looked)["archived"] == first["archived"] | {"outcome": "already-landed"}
        assert len(vendor.calls("connection-records")) == 1

    def test_costs_no_task_even_when_the_book_has_forgotten_it(
        self, start: Call, poll: Call, fetch: Call, vendor: VendorStandIn, store: Store
    ) -> None:
        first = fetch(**poll(**start(**RECORDS)))
        for key in store.keys("orders/"):
            store.delete(key)
        assert start(**RECORDS)["task_id"] == first["task_id"]
        assert len(vendor.calls("connection-records")) == 1

    @pytest.mark.parametrize("fate", [expires(0), fails("later")])
    def test_an_export_archived_by_another_task_is_a_success(
        self, fate: Fault, start: Call, poll: Call, fetch: Call, vendor: VendorStandIn
    ) -> None:
        vendor.script("connection-records", fate)
        ours = start(**RECORDS)
        assert poll(**ours)["status"] in {"EXPIRED", "FAIL"}
        fetch(**poll(**start(**RECORDS)))
        assert poll(**ours)["status"] == "SUCCESS"

    @pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
    def test_without_its_book_it_orders_nothing(
        self, start: Call, environment: pytest.MonkeyPatch, vendor: VendorStandIn
    ) -> None:
        environment.setenv("ARCHIVE_URL", "s3://no-such-bucket/x")
        with pytest.raises(ArchiveUnavailable):
            start(**RECORDS)
        assert vendor.tasks == ()


class TestLaterRuns:
    def test_take_over_a_task_that_outlived_the_deadline(
        self, start: Call, poll: Call, vendor: VendorStandIn, store: Store
    ) -> None:
        vendor.script("connection-records", never_finishes())
        first = start(**RECORDS)
        rewrite(store, first, aged(hours=24))
        with pytest.raises(DeadlineExceeded, match=first["task_id"]):
            poll(**first | {"ordered_at": LONG_AGO})
        second = start(**RECORDS)
        assert second["task_id"] == first["task_id"]
        assert poll(**second)["status"] == "CREATING"
        assert len(vendor.tasks) == 1

    def test_a_snapshot_is_of_its_own_time(self, start: Call, store: Store, vendor: VendorStandIn) -> None:
        first = start(**USERS)
        rewrite(store, first, aged(hours=1))
        assert start(**USERS)["task_id"] != first["task_id"]

    @pytest.mark.parametrize(
        ("request_", "hours", "is_taken_over"),
        [
            (USERS, 0.9, True),
            (USERS, 1.1, False),
            (USERS, -1.1, False),
            pytest.param(RECORDS, HOURS_SINCE_IT_HAD_NOT_SETTLED, False, id="before-it-settled"),
            (OLD, 47, True),
            (OLD, 49, False),
        ],
    )
    def test_a_task_in_the_making_is_waited_for_as_long_as_it_can_be_of_use(
        self,
        request_: dict[str, Any],
        hours: float,
        *,
        is_taken_over: bool,
        start: Call,
        store: Store,
        vendor: VendorStandIn,
    ) -> None:
        vendor.script(request_["kind"], never_finishes())
        first = start(**request_)
        rewrite(store, first, aged(hours))
        assert (start(**request_)["task_id"] == first["task_id"]) is is_taken_over

    def test_take_over_what_was_ordered_in_time_though_it_could_not_be_ordered_any_more(
        self, start: Call, poll: Call, fetch: Call, store: Store
    ) -> None:
        ordered = start(**RECORDS)
        gone = utc_now().date() - timedelta(days=31)
        moved = {"day": gone, "start_time": None, "end_time": None}
        rewrite(store, ordered, lambda record: aged(48)(record).model_copy(update=moved))
        request = {"kind": "connection-records", "day": gone.isoformat()}
        again = start(**request)
        assert again["task_id"] == ordered["task_id"]
        assert fetch(**poll(**again))["archived"]["outcome"] == "landed"
        assert start(**request)["task_id"] == ordered["task_id"]
        with pytest.raises(Rejected, match="more than 30 days ago"):
            start(**request, filters={"user_name": "x"})

    def test_what_had_not_settled_never_stands_for_the_whole(
        self, start: Call, poll: Call, fetch: Call, store: Store
    ) -> None:
        early = fetch(**poll(**start(**RECORDS)) | {"ordered_at": f"{DAY}T23:59:59Z"})["archived"]
        assert f"day={DAY}.ordered-" in early["manifest_key"]
        assert json.loads(store.read(early["manifest_key"]) or b"")["settled"] is False
        whole = fetch(**poll(**start(**RECORDS)))["archived"]
        assert whole["outcome"] == "landed"
        assert whole["manifest_key"].endswith(f"day={DAY}.json")
        assert json.loads(store.read(whole["manifest_key"]) or b"")["settled"] is True

    def test_what_was_ordered_before_it_settled_is_ordered_anew_after(
        self, start: Call, store: Store, vendor: VendorStandIn
    ) -> None:
        vendor.script("connection-records", never_finishes())
        early = start(**RECORDS)
        rewrite(store, early, aged(hours=48))
        assert start(**RECORDS)["task_id"] != early["task_id"]


class TestStartingAgainWhileTheArchiveChanges:
    def test_an_equal_order_that_is_refused_strikes_out_only_itself(
        self, start: Call, store: Store, vendor: VendorStandIn
    ) -> None:
        placed = PlacedExport(**RECORDS, project_id=DEMO_PROJECT_ID, ordered_at=utc_now())
        ours = begin_order(store, placed)
        store.delete(last_order_key(placed))
        theirs = start(**RECORDS)
        with pytest.raises(Throttled), ours:
            raise Throttled("ours")
        assert start(**RECORDS)["task_id"] == theirs["task_id"]
        assert len(vendor.tasks) == 1

    def test_an_order_that_was_refused_leaves_nothing_to_take_over(
        self, start: Call, store: Store, vendor: VendorStandIn
    ) -> None:
        vendor.script("connection-records", throttled())
        with pytest.raises(Throttled):
            start(**RECORDS)
        assert list(store.keys("orders/")) == []

    @pytest.mark.parametrize("request_", [USERS, UNSETTLED], ids=["snapshot", "unsettled"])
    def test_what_has_no_lasting_name_is_found_archived_too(
        self,
        request_: dict[str, Any],
        start: Call,
        poll: Call,
        fetch: Call,
        store: Store,
        environment: pytest.MonkeyPatch,
    ) -> None:
        environment.setenv("DELETE_AFTER_LANDING", "true")
        environment.setenv("POLL_UNSEEN_GRACE_SECONDS", "0")
        rewrite(store, start(**request_), aged(hours=0.1))
        first = start(**request_)
        fetch(**poll(**first))
        again = start(**request_)
        assert again["task_id"] == first["task_id"]
        assert fetch(**poll(**again))["archived"]["outcome"] == "already-landed"

    def test_a_task_in_the_making_ends_where_another_has_archived_the_window(
        self, start: Call, poll: Call, fetch: Call, vendor: VendorStandIn, store: Store
    ) -> None:
        vendor.script("connection-records", never_finishes())
        ours = start(**RECORDS)
        store.delete(last_order_key(OrderRecord.model_validate_json(store.read(task_key(ours["task_id"])) or b"")))
        fetch(**poll(**start(**RECORDS)))
        assert poll(**ours)["status"] == "SUCCESS"
        assert poll(**ours | {"ordered_at": LONG_AGO})["status"] == "SUCCESS"

    def test_a_fetch_whose_task_another_fetch_has_deleted_finds_it_landed(
        self,
        start: Call,
        poll: Call,
        fetch: Call,
        environment: pytest.MonkeyPatch,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        environment.setenv("DELETE_AFTER_LANDING", "true")
        looked = poll(**start(**RECORDS))
        asked, find_landed = iter([False]), fetching.find_landed  # type: ignore[attr-defined]

        def slowly(store: Store, export: PlacedExport) -> Archived | None:
            """The first look sees nothing; by the time it is acted on, the other is done."""
            if next(asked, True):
                return find_landed(store, export)
            fetch(**looked)
            return None

        monkeypatch.setattr(fetching, "find_landed", slowly)
        assert fetch(**looked)["archived"]["outcome"] == "already-landed"

    def test_a_task_that_was_ordered_for_something_else_is_not_fetched(
        self, start: Call, poll: Call, fetch: Call, vendor: VendorStandIn
    ) -> None:
        looked = poll(**start(**RECORDS))
        with pytest.raises(Rejected, match="was ordered for connection-records"):
            fetch(**looked | {"kind": "app-user-access"})
        assert vendor.calls("download") == ()

    def test_a_download_that_was_cut_does_not_give_the_order_up(
        self, start: Call, poll: Call, fetch: Call, vendor: VendorStandIn
    ) -> None:
        looked = poll(**start(**RECORDS))
        vendor.script("download", Truncate(4000, declared=False))
        with pytest.raises(BadFile):
            fetch(**looked)
        assert start(**RECORDS)["task_id"] == looked["task_id"]


class TestFunctionsThatDied:
    def test_before_they_noted_the_answer_their_task_is_found(
        self, start: Call, vendor: VendorStandIn, store: Store
    ) -> None:
        first = start(**RECORDS)
        rewrite(store, first, unanswered)
        second = start(**RECORDS)
        assert second["task_id"] == first["task_id"]
        assert len(vendor.tasks) == 1
        assert (
            OrderRecord.model_validate_json(store.read(task_key(first["task_id"])) or b"").task_id == first["task_id"]
        )

    def test_a_task_of_another_thing_is_not_taken_for_theirs(
        self, start: Call, vendor: VendorStandIn, store: Store
    ) -> None:
        other = start(**ACCESS)
        vendor.script("connection-records", server_error())
        with pytest.raises(ExportError):
            start(**RECORDS)
        assert start(**RECORDS)["task_id"] != other["task_id"]

    def test_a_lost_answer_that_could_not_be_found_at_once_costs_nothing_the_next_time(
        self, start: Call, vendor: VendorStandIn
    ) -> None:
        vendor.script("connection-records", LOSE_ANSWER)
        vendor.script("list", server_error())
        with pytest.raises(ExportError):
            start(**RECORDS)
        assert start(**RECORDS)["task_id"] == vendor.tasks[0].task_id
        assert len(vendor.tasks) == 1

    def test_a_task_made_minutes_after_the_order_belongs_to_another_order(
        self, start: Call, vendor: VendorStandIn, store: Store
    ) -> None:
        first = start(**RECORDS)
        rewrite(store, first, lambda record: aged(9 / 60)(unanswered(record)))
        assert start(**RECORDS)["task_id"] != first["task_id"]

    def test_an_order_sent_twice_is_never_settled_by_finding_one_of_its_tasks(self, start: Call, store: Store) -> None:
        first = start(**RECORDS)
        record = unanswered(OrderRecord.model_validate_json(store.read(task_key(first["task_id"])) or b""))
        order = LoggedOrder(store, record)
        order.begin()
        order.mark_resent()
        assert start(**RECORDS)["task_id"] == first["task_id"]
        assert not OrderRecord.model_validate_json(store.read(order_key(record)) or b"").is_settled

    def test_tasks_of_old_orders_cannot_be_told_apart(self, start: Call, vendor: VendorStandIn, store: Store) -> None:
        first = start(**RECORDS)
        rewrite(store, first, lambda record: aged(hours=1)(unanswered(record)))
        assert start(**RECORDS)["task_id"] != first["task_id"]
        assert vendor.calls("list") == ()


def test_the_book_of_an_export_tells_all_that_is_needed_to_go_on(start: Call, store: Store) -> None:
    ordered = start(**RECORDS, filters={"language": "zh_CN"})
    record = OrderRecord.model_validate_json(store.read(task_key(ordered["task_id"])) or b"")
    assert record.project_id == DEMO_PROJECT_ID
    assert {name: ordered[name] for name in ("kind", "day", "filters")} == {
        "kind": record.kind,
        "day": str(record.day),
        "filters": record.filters,
    }
    assert set(store.keys("orders/")) == {
        order_key(record),
        last_order_key(record),
        task_key(ordered["task_id"]),
    }
