"""One id from the order to the object, through the handlers as the state machine calls them, and over HTTP."""

import io
import json
from typing import Any

import pytest

from functions.fetch_file import app as fetch_file
from functions.poll_status import app as poll_status
from functions.record_failure import app as record_failure
from functions.report_archive import app as report_archive
from functions.start_export import app as start_export
from local.standin.faults.fates import fails
from local.standin.server import VendorStandIn
from tests.support.builders.http_events import http_event
from tests.support.builders.requests import DAY, RECORDS
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import CONTEXT
from workspace_exports.archive.order_log import find_order
from workspace_exports.storage.store import Store

FIRST, SECOND = {"correlation_id": "run-1"}, {"correlation_id": "run-2"}

pytestmark = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """What was logged since it was asked last."""
    text = log.getvalue()
    log.seek(0)
    log.truncate()
    return [json.loads(line) for line in text.splitlines()]


def ids(log: io.StringIO) -> set[str]:
    return {line["correlation_id"] for line in lines(log)}


def manifest_of(archived: dict[str, Any], store: Store) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(store.read(archived["archived"]["manifest_key"]) or b"")
    return document


def test_an_export_carries_the_id_it_was_ordered_with(
    start: Call, poll: Call, fetch: Call, store: Store, log: io.StringIO
) -> None:
    ordered = start(**RECORDS | FIRST)
    order = find_order(store, ordered["task_id"])
    assert order
    assert order.correlation_id == "run-1"
    archived = fetch(**poll(**ordered))
    assert manifest_of(archived, store)["correlation_id"] == archived["correlation_id"] == "run-1"
    assert ids(log) == {"run-1"}


def test_the_same_thing_with_another_id_is_the_same_thing(
    vendor: VendorStandIn, start: Call, poll: Call, fetch: Call, store: Store, log: io.StringIO
) -> None:
    first = start(**RECORDS | FIRST)
    lines(log)
    second = start(**RECORDS | SECOND)
    assert (second["task_id"], len(vendor.tasks)) == (first["task_id"], 1)
    told = {line["message"]: line for line in lines(log)}
    adopted = told["adopted an earlier order"]
    assert (adopted["correlation_id"], adopted["ordered_under"]) == ("run-2", "run-1")

    archived = fetch(**poll(**second))
    assert manifest_of(archived, store)["correlation_id"] == "run-2"
    assert fetch(**poll(**first))["archived"]["manifest_key"] == archived["archived"]["manifest_key"]
    lines(log)
    start(**RECORDS | {"correlation_id": "run-3"})
    found = {line["message"]: line for line in lines(log)}["already archived"]
    assert (found["correlation_id"], found["archived_under"]) == ("run-3", "run-2")


def test_calls_by_the_task_alone_are_of_the_last_order_or_adoption(
    start: Call, store: Store, log: io.StringIO, environment: pytest.MonkeyPatch
) -> None:
    event = http_event("POST", "/exports", json.dumps(RECORDS))
    event["headers"]["x-request-id"] = "click-1"
    task_id = json.loads(start_export.handler(event, CONTEXT)["body"])["task_id"]
    assert ids(log) == {"click-1"}
    look = http_event("GET", f"/exports/{task_id}")
    look["headers"]["x-request-id"] = "look-1"
    answer = poll_status.handler(look, CONTEXT)
    assert (answer["headers"]["X-Request-Id"], json.loads(answer["body"])["correlation_id"]) == ("look-1", "click-1")
    assert {(line["correlation_id"], line["caller_request_id"]) for line in lines(log)} == {("click-1", "look-1")}
    start(**RECORDS | SECOND)
    lines(log)
    fetched = json.loads(fetch_file.handler(http_event("POST", f"/exports/{task_id}/file"), CONTEXT)["body"])
    assert ids(log) == {"run-2"}
    assert manifest_of(fetched, store)["correlation_id"] == "run-2"


def test_an_order_noted_by_an_earlier_version_has_none_and_is_followed_all_the_same(
    start: Call, poll: Call, fetch: Call, store: Store, log: io.StringIO
) -> None:
    looked = poll(**start(**RECORDS))
    del looked["correlation_id"]
    lines(log)
    archived = fetch(**looked)
    assert "correlation_id" not in archived
    assert manifest_of(archived, store)["correlation_id"] is None
    assert ids(log) == {"request-1"}


def test_a_run_takes_its_callers_id_or_its_own_name(plan: Call, log: io.StringIO) -> None:
    asked = {"kinds": ["connection-records"], "first_day": DAY, "last_day": DAY}
    named, unnamed = plan(**asked | FIRST), plan(**asked)
    assert (named["correlation_id"], unnamed["correlation_id"]) == ("run-1", unnamed["run"])
    assert [line["correlation_id"] for line in lines(log)] == ["run-1", unnamed["run"]]
    report = report_archive.handler(named, CONTEXT)
    assert report["report"]["correlation_id"] == "run-1"
    assert ids(log) == {"run-1"}


def test_two_runs_plan_an_export_under_one_name(plan: Call, store: Store) -> None:
    asked = {"kinds": ["connection-records"], "first_day": DAY, "last_day": DAY}
    runs = [plan(**asked | one)["run"] for one in (FIRST, SECOND)]
    plans = [json.loads(store.read(f"runs/{run}/plan.json") or b"") for run in runs]
    assert [item["export"]["correlation_id"] for (item,) in plans] == ["run-1", "run-2"]
    assert len({item["name"] for (item,) in plans}) == 1


@pytest.mark.parametrize(
    ("request_", "export", "named"),
    [
        (RECORDS | FIRST, None, "run-1"),
        (RECORDS | FIRST | {"colour": "red"}, None, "run-1"),
        (RECORDS, "ordered", "run-2"),
        (RECORDS | {"correlation_id": "two words"}, None, "request-1"),
        ("no", None, "request-1"),
    ],
    ids=["request", "wrong-request", "ordered", "unfit", "no-object"],
)
def test_a_failure_is_of_the_chain_it_ended(
    request_: object, export: str | None, named: str, vendor: VendorStandIn, start: Call, log: io.StringIO
) -> None:
    vendor.script("connection-records", *([fails("no")] if export else []))
    state = {"export": start(**RECORDS | SECOND)} if export else {}
    lines(log)
    record_failure.handler({"request": request_, "state": state | {"failure": {"Error": "TaskFailed"}}}, CONTEXT)
    assert ids(log) == {named}
