"""The order book: what lets a lost answer's task be told from another order's."""

import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest.mock import Mock

import pytest

from local.faults.connections import DROP_BEFORE_WORK, LOSE_ANSWER
from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.faults.answers import error, server_error, throttled
from local.standin.server import VendorStandIn
from tests.support.builders.requests import ACCESS, RECORDS
from tests.support.fixtures.handlers import Call
from workspace_exports.archive.order_log import begin_order, find_order, last_order, release_window
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import ArchiveUnavailable, ExportError, Rejected
from workspace_exports.events import OrderedExport, PlacedExport
from workspace_exports.orders import LARGEST_SKEW, LONGEST_ORDER, OrderRecord
from workspace_exports.storage.store import Store, open_store

AT = datetime(2026, 11, 22, 0, 1, tzinfo=UTC)


OTHER = "app-user-access"


def placed(kind: str = "connection-records", project_id: str = "p", at: datetime = AT) -> PlacedExport:
    return PlacedExport(kind=kind, project_id=project_id, day=date(2026, 11, 20), ordered_at=at)


def book(store: Store) -> list[OrderRecord]:
    return [
        OrderRecord.model_validate_json(store.read(key) or b"")
        for key in sorted(store.keys(f"orders/by-time/project_id={DEMO_PROJECT_ID}/"))
    ]


def test_an_order_is_noted_with_its_task(start: Call, store: Store) -> None:
    ordered = start(**RECORDS, filters={"user_name": "x"})
    (record,) = book(store)
    assert (record.kind, record.task_id, record.filters) == (
        "connection-records",
        ordered["task_id"],
        {"user_name": "x"},
    )


@pytest.mark.parametrize("fault", [error(400, "WKS.1", "no"), error(401, "APIGW.0301", "no"), throttled()])
def test_an_order_that_was_refused_leaves_no_note(fault: Any, vendor: VendorStandIn, start: Call, store: Store) -> None:
    vendor.script("connection-records", fault)
    with pytest.raises(ExportError):
        start(**RECORDS)
    assert book(store) == []


def test_an_order_that_may_have_been_received_stays_noted(vendor: VendorStandIn, start: Call, store: Store) -> None:
    vendor.script("connection-records", LOSE_ANSWER)
    vendor.script("list", server_error())
    with pytest.raises(ExportError):
        start(**RECORDS)
    (record,) = book(store)
    assert record.task_id is None


@pytest.mark.parametrize("fault", [DROP_BEFORE_WORK, server_error(503)])
def test_a_task_of_another_order_is_never_taken_for_ours(
    fault: Any, vendor: VendorStandIn, start: Call, store: Store, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("VENDOR_ATTEMPTS", "2")
    first = start(**ACCESS)
    vendor.script("connection-records", fault)
    second = start(**RECORDS)
    assert [task.task_id for task in vendor.tasks] == [first["task_id"], second["task_id"]]


def test_while_another_order_is_under_way_nothing_is_adopted(store: Store) -> None:
    ours = begin_order(store, placed())
    with begin_order(store, placed(OTHER)) as theirs:
        assert ours.competing_orders().unsettled
        theirs.record_task("t")
    others = ours.competing_orders()
    assert (others.unsettled, others.task_ids) == (False, frozenset({"t"}))


def test_an_order_sent_twice_may_have_made_an_unknown_task(store: Store) -> None:
    ours = begin_order(store, placed())
    theirs = begin_order(store, placed(OTHER))
    theirs.mark_resent()
    theirs.record_task("t")
    assert ours.competing_orders().unsettled


def test_an_equal_order_leaves_no_doubt_whose_a_task_is(store: Store) -> None:
    ours = begin_order(store, placed())
    theirs = begin_order(store, placed(at=AT + timedelta(seconds=1)))
    assert not ours.competing_orders().unsettled, "what it has made is as good as ours"
    theirs.record_task("t")
    assert ours.competing_orders().task_ids == frozenset({"t"})


def test_orders_of_other_projects_and_long_ago_do_not_matter(store: Store) -> None:
    begin_order(store, placed(OTHER, "another"))
    begin_order(store, placed(OTHER, at=AT - LONGEST_ORDER - LARGEST_SKEW - timedelta(seconds=1)))
    ours = begin_order(store, placed())
    assert not ours.competing_orders().unsettled


def test_orders_of_yesterday_evening_matter_after_midnight(store: Store) -> None:
    begin_order(store, placed(OTHER, at=AT - timedelta(seconds=90)))
    assert begin_order(store, placed()).competing_orders().unsettled


def test_orders_of_today_matter_to_one_that_is_played_again_after_midnight(store: Store) -> None:
    ours = begin_order(store, placed(at=utc_now() - timedelta(days=1)))
    begin_order(store, placed(OTHER, at=utc_now()))
    assert ours.competing_orders().unsettled


@pytest.mark.parametrize(("minutes", "matters"), [(16, True), (18, False)])
def test_an_order_of_a_slow_clock_matters(minutes: int, matters: object, store: Store) -> None:
    begin_order(store, placed(OTHER, at=AT - timedelta(minutes=minutes)))
    assert begin_order(store, placed()).competing_orders().unsettled is matters


def test_an_unreadable_record_counts_as_a_competing_order(store: Store) -> None:
    ours = begin_order(store, placed())
    store.write("orders/by-time/project_id=p/date=2026-11-22/000100-kind=k-0.json", [b"?"])
    assert ours.competing_orders().unsettled


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_a_book_that_has_become_unreachable_costs_no_order(store: Store) -> None:
    ours = begin_order(store, placed())
    ours._store = open_store("s3://no-such-bucket/x")
    with ours:
        ours.record_task("t")
    with pytest.raises(Rejected), ours:
        raise Rejected("no")
    assert ours.competing_orders().unsettled


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_where_no_order_can_be_noted_none_is_made(
    start: Call, environment: pytest.MonkeyPatch, vendor: VendorStandIn
) -> None:
    environment.setenv("ARCHIVE_URL", "s3://no-such-bucket/x")
    with pytest.raises(ExportError, match="NoSuchBucket"):
        start(**RECORDS)
    assert vendor.requests == ()


def test_only_the_last_order_of_a_thing_can_be_given_up(store: Store) -> None:
    begin_order(store, placed()).record_task("first")
    begin_order(store, placed(at=AT + timedelta(hours=1))).record_task("second")
    release_window(store, OrderedExport(**placed().model_dump(), task_id="first"))
    assert (last := last_order(store, placed())) is not None
    assert last.task_id == "second"
    release_window(store, OrderedExport(**placed().model_dump(), task_id="second"))
    assert last_order(store, placed()) is None
    assert find_order(store, "second") is not None


def test_that_an_order_cannot_be_given_up_is_no_failure(
    store: Store, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin_order(store, placed()).record_task("t")
    monkeypatch.setattr(Store, "delete", Mock(side_effect=ArchiveUnavailable("away")))
    release_window(store, OrderedExport(**placed().model_dump(), task_id="t"))
    assert "window not released" in log.getvalue()
