"""The order book: what lets a lost answer's task be told from another order's."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.standin import DEMO_PROJECT_ID, DROP_BEFORE_WORK, LOSE_ANSWER, VendorStandIn, error, server_error, throttled
from tests.integration.conftest import Call
from tests.integration.test_handlers import ACCESS, RECORDS
from workspace_exports.archive.orders import LONGEST_ORDER, begin_order
from workspace_exports.archive.store import Store, open_store
from workspace_exports.contracts.events import ExportRequest
from workspace_exports.contracts.orders import OrderRecord
from workspace_exports.errors import ExportError, Rejected

AT = datetime(2026, 11, 22, 0, 1, tzinfo=UTC)
REQUEST = ExportRequest.model_validate({"kind": "connection-records", "day": "2026-11-20"})


def book(store: Store) -> list[OrderRecord]:
    return [
        OrderRecord.model_validate_json(store.read(key) or b"")
        for key in sorted(store.keys(f"orders/project_id={DEMO_PROJECT_ID}/"))
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
    ours = begin_order(store, REQUEST, "p", AT)
    with begin_order(store, REQUEST, "p", AT) as theirs:
        assert ours.others().unsettled
        theirs.made("t")
    others = ours.others()
    assert (others.unsettled, others.task_ids) == (False, frozenset({"t"}))


def test_an_order_that_was_sent_twice_may_have_made_a_task_nobody_knows_of(store: Store) -> None:
    ours = begin_order(store, REQUEST, "p", AT)
    theirs = begin_order(store, REQUEST, "p", AT)
    theirs.repeating()
    theirs.made("t")
    assert ours.others().unsettled


def test_orders_of_other_projects_and_long_ago_do_not_matter(store: Store) -> None:
    begin_order(store, REQUEST, "another", AT)
    begin_order(store, REQUEST, "p", AT - LONGEST_ORDER - timedelta(seconds=1))
    ours = begin_order(store, REQUEST, "p", AT)
    assert not ours.others().unsettled


def test_orders_of_yesterday_evening_matter_after_midnight(store: Store) -> None:
    begin_order(store, REQUEST, "p", AT - timedelta(seconds=90))
    assert begin_order(store, REQUEST, "p", AT).others().unsettled


def test_a_note_that_cannot_be_understood_may_be_anybodys(store: Store) -> None:
    ours = begin_order(store, REQUEST, "p", AT)
    store.write("orders/project_id=p/date=2026-11-22/000100-kind=k-0.json", [b"?"])
    assert ours.others().unsettled


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_a_book_that_has_become_unreachable_costs_no_order(store: Store) -> None:
    ours = begin_order(store, REQUEST, "p", AT)
    ours._store = open_store("s3://no-such-bucket/x")
    with ours:
        ours.made("t")
    with pytest.raises(Rejected), ours:
        raise Rejected("no")
    assert ours.others().unsettled


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_where_no_order_can_be_noted_none_is_made(
    start: Call, environment: pytest.MonkeyPatch, vendor: VendorStandIn
) -> None:
    environment.setenv("ARCHIVE_URL", "s3://no-such-bucket/x")
    with pytest.raises(ExportError, match="NoSuchBucket"):
        start(**RECORDS)
    assert vendor.requests == ()
