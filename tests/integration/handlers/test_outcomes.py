"""What can become of a day, told apart for as long as the archive lasts: one test each, and none like another."""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from functions.record_failure import app as record_failure
from functions.show_coverage import app as show_coverage
from local.standin.faults.fates import expires
from local.standin.faults.mishaps import Fault
from local.standin.server import VendorStandIn
from local.standin.tasks import Fate
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import CONTEXT
from workspace_exports.archive.failures import Failure
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import ExportError
from workspace_exports.exports.windows import LATE_DATA
from workspace_exports.storage.store import Store

KIND = "connection-records"
DAY = (utc_now() - LATE_DATA).date() - timedelta(days=1)
FAILS = Fate(ending="FAIL", fail_reason="disk full", error_code="WKS.0042")
UNKNOWN = Fate(ending="PAUSED")

Record = Mapping[str, Any]
Export = Callable[..., Record]


@pytest.fixture
def export(plan: Call, start: Call, poll: Call, fetch: Call, vendor: VendorStandIn) -> Export:
    """One day exported as the state machine does it, and what coverage then records of it."""

    def export(fate: Fault) -> Record:
        vendor.script(KIND, fate)
        request = {"kind": KIND, "day": str(DAY)}
        try:
            fetch(**poll(**start(**request)))
        except ExportError as error:
            caught = {"Error": type(error).__name__, "Cause": json.dumps({"errorMessage": str(error)})}
            record_failure.handler({"request": request, "state": {"failure": caught}}, CONTEXT)
        return recorded(DAY)

    plan(kinds=[KIND])
    return export


def recorded(day: date) -> Record:
    """What the archive has on that day."""
    told = show_coverage.handler({"kind": KIND, "first_day": str(day), "last_day": str(day)}, CONTEXT)
    (series,) = told["series"]
    (found,) = series["days"]
    return dict(found)


def told(record: Record) -> dict[str, Any]:
    """The words for it."""
    return {name: record[name] for name in ("status", "error", "what") if name in record}


def test_an_empty_day_is_complete_and_holds_nothing(plan: Call, start_empty: Call, poll: Call, fetch: Call) -> None:
    plan(kinds=[KIND])
    fetch(**poll(**start_empty(kind=KIND, day=str(DAY))))
    empty = recorded(DAY)
    assert told(empty).keys() == {"status", "what"}
    assert empty["status"] == "empty"
    assert "agree: The vendor ended the task with FAIL" in empty["what"]
    assert empty["size_bytes"] == 0


def test_a_day_without_an_order_is_missing(export: Export) -> None:
    assert told(recorded(DAY)) == {"status": "missing"}


def test_a_day_whose_task_failed_says_so_and_why(export: Export, store: Store) -> None:
    assert told(export(FAILS)) == {
        "status": "failed",
        "error": "TaskFailed",
        "what": "The vendor ended the task with FAIL.",
    }
    (key,) = store.keys("failures/")
    kept = Failure.model_validate_json(store.read(key) or b"")
    assert (kept.vendor_code, kept.vendor_reason) == ("WKS.0042", "disk full")


def test_a_day_whose_file_expired_says_so(export: Export) -> None:
    assert told(export(expires(0))) == {
        "status": "failed",
        "error": "FileExpired",
        "what": "The vendor's task list says EXPIRED.",
    }


def test_a_day_with_an_unknown_status_says_which(export: Export) -> None:
    assert told(export(UNKNOWN)) == {
        "status": "failed",
        "error": "UnexpectedAnswer",
        "what": "The vendor's task list holds the status word 'PAUSED', which this version does not know.",
    }
