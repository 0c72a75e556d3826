"""A ledger that is quiet about days that no daily run has planned (F19), and a report that says otherwise."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import settings as settings_of_hypothesis
from hypothesis import strategies as st

from functions.plan_archive.app import PlanArchiveSettings
from functions.report_archive.app import ReportArchiveSettings
from functions.show_coverage.app import ShowCoverageSettings
from local.standin.clock import SettableClock
from tests.support.builders.examples import NOW, PROJECT_ID, TASK_ID
from tests.support.builders.ledgers import A_DAY, YESTERDAY, days_of, put_days, put_failure
from workspace_exports.archive.layout import SeriesName, last_order_key
from workspace_exports.core.deadline import Deadline
from workspace_exports.coverage import plan, show
from workspace_exports.coverage.ledger_record import Coverage, CoverageRequest, CoveredDay
from workspace_exports.coverage.page.rendering import render
from workspace_exports.coverage.plans import PlanRequest, read_plan
from workspace_exports.coverage.report import report_archive
from workspace_exports.coverage.reports import Report, ReportRequest, read_report
from workspace_exports.events import PlacedExport
from workspace_exports.exports import EXPORTS
from workspace_exports.orders import OrderRecord
from workspace_exports.storage.store import Store, open_store

RECORDS = SeriesName(PROJECT_ID, "connection-records")
BY_HAND = {"kinds": ["connection-records"], "first_day": str(YESTERDAY - A_DAY), "last_day": str(YESTERDAY)}
LONG_AGO = {"kinds": ["connection-records"], "first_day": str(YESTERDAY - 26 * A_DAY), "last_day": str(YESTERDAY)}
DAILY = {"kinds": ["connection-records"]}
NUMBERS = count()

GONE = {"archived", "empty"}
TRIED = ("archived", "empty", "failed", "ordered", "ordered-again", "ordered-long-ago", "garbled", "nothing")
"""What may be on record of a day: each its own way to an ending."""


def put(store: Store, day: date, tried: str) -> None:
    """Leaves in the archive what such a try leaves."""
    match tried:
        case "archived":
            put_days(store, RECORDS, [day], landed_at=NOW + A_DAY)
        case "empty":
            put_days(store, RECORDS, [day], outcome="empty", key=None, size_bytes=0)
        case "failed":
            put_failure(store, RECORDS, day)
        case "ordered":
            put_order(store, day, NOW - timedelta(hours=1))
        case "ordered-again":
            put_failure(store, RECORDS, day, at=NOW - timedelta(hours=2))
            put_order(store, day, NOW - timedelta(hours=1))
        case "ordered-long-ago":
            put_order(store, day, NOW - 4 * A_DAY)
        case "garbled":
            store.replace(f"failures/kind={RECORDS.kind}/project_id={PROJECT_ID}/day={day}.json", b"{")


def put_order(store: Store, day: date, at: object) -> None:
    export = PlacedExport.model_validate({"kind": RECORDS.kind, "project_id": PROJECT_ID, "day": day, "ordered_at": at})
    order = OrderRecord(**export.model_dump(), nonce="1", task_id=TASK_ID)
    store.replace(last_order_key(order), order.model_dump_json().encode())


def settings(store: Store) -> dict[str, str]:
    return {"ARCHIVE_URL": store.url, "WORKSPACE_REGION": "ap-southeast-3", "HUAWEICLOUD_SDK_PROJECT_ID": PROJECT_ID}


def ledger(store: Store, **request: object) -> Coverage:
    own = ShowCoverageSettings.read(settings(store))
    return show.show_coverage(CoverageRequest.model_validate(request), own, Deadline.after(600))


def run(store: Store, tried: Mapping[date, str], **request: object) -> tuple[Report, list[date]]:
    """Plans, leaves what was tried, reports; the report and the planned days."""
    own = PlanArchiveSettings.read(settings(store))
    planned = plan.plan_archive(PlanRequest.model_validate(request), own, Deadline.after(600))
    for day, what in tried.items():
        put(store, day, what)
    days = [item.export.day for item in read_plan(store, planned.run) if item.export.day]
    report = ReportArchiveSettings.read(settings(store))
    report_archive(ReportRequest(run=planned.run), report, Deadline.after(600))
    told = read_report(store, planned.run)
    assert told
    return told, days


def assert_equal(report: Report, planned: list[date], covered: Mapping[date, CoveredDay]) -> None:
    """Every planned day stands in the ledger as the report has it."""
    assert set(planned) <= set(covered), "each planned day is shown"
    failed = {day.day: day.error for day in report.failures}
    there = {day for day in planned if covered[day].status in GONE}
    assert len(there) == report.landed + report.already_there + report.empty
    assert {day for day, one in covered.items() if day in planned and one.error} == {
        day for day, error in failed.items() if error != "Unknown"
    }
    under_way = [day for day in planned if day not in there and day not in failed]
    assert len(under_way) == report.under_way
    assert all(covered[day].status != "failed" for day in under_way)
    for named, status in ((report.days_at_risk, "at-risk"), (report.days_lost, "lost")):
        own = [day.day for day in named if day.kind == RECORDS.kind]
        assert own == [day for day, one in covered.items() if one.status == status]


@pytest.fixture
def store(clock: SettableClock) -> Store:
    return open_store(f"memory:///ledger-{next(NUMBERS)}")


@pytest.mark.parametrize(
    ("request_", "tried", "statuses"),
    [
        # make demo FAULTS="30% task-failed unauthorized": a run by hand, and all of it failed.
        (BY_HAND, {1: "failed", 2: "failed"}, {1: "failed", 2: "failed"}),
        (BY_HAND, {1: "archived", 2: "failed"}, {1: "archived", 2: "failed"}),
        (BY_HAND, {1: "empty", 2: "garbled"}, {1: "empty", 2: "failed"}),
        (BY_HAND, {1: "ordered", 2: "nothing"}, {1: "missing", 2: "missing"}),
        (BY_HAND, {1: "ordered-again", 2: "ordered-long-ago"}, {1: "missing", 2: "missing"}),
        (BY_HAND, {1: "archived", 2: "archived", 9: "failed"}, {1: "archived", 2: "archived", 9: "failed"}),
        (LONG_AGO, {27: "failed", 26: "nothing"} | dict.fromkeys(range(1, 26), "archived"), {27: "at-risk"}),
        (BY_HAND, {1: "archived", 2: "archived", 40: "failed"}, {40: "lost"}),
        (DAILY, {1: "failed", 2: "ordered-again", 3: "archived"}, {1: "failed", 2: "missing", 3: "archived"}),
        (DAILY, {1: "failed", 35: "failed"}, {1: "failed", 35: "lost", 5: "missing"}),
    ],
)
def test_every_day_that_was_asked_for_stands_as_the_report_has_it(
    request_: dict[str, object], tried: dict[int, str], statuses: dict[int, str], store: Store
) -> None:
    report, planned = run(store, {NOW.date() - n * A_DAY: what for n, what in tried.items()}, **request_)
    covered = days_of(ledger(store), RECORDS)
    assert {n: covered[NOW.date() - n * A_DAY].status for n in statuses} == statuses
    assert_equal(report, planned, covered)


@settings_of_hypothesis(max_examples=40)
@given(
    tried=st.dictionaries(st.integers(1, 40), st.sampled_from(TRIED)),
    request_=st.sampled_from([BY_HAND, LONG_AGO, DAILY]),
)
def test_report_and_ledger_agree(tried: dict[int, str], request_: dict[str, object]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workspace_exports.core.clock.datetime", _Still)
        store = open_store(f"memory:///ledger-{next(NUMBERS)}")
        report, planned = run(store, {NOW.date() - n * A_DAY: what for n, what in tried.items()}, **request_)
        assert_equal(report, planned, days_of(ledger(store), RECORDS))


class _Still:
    """The clock of the product, at NOW."""

    now = staticmethod(lambda _: NOW)
    strptime = type(NOW).strptime


def test_a_failure_on_record_is_shown_though_no_run_planned_anything(store: Store) -> None:
    """An export that was started by hand, of a series that nothing else is known of."""
    elsewhere = SeriesName("elsewhere", "user-usage")
    put_failure(store, elsewhere, NOW.date() - 3 * A_DAY)
    told = ledger(store)
    assert (told.totals.failed, told.totals.archived) == (1, 0)
    assert days_of(told, elsewhere)[NOW.date() - 3 * A_DAY].what == "It said FAIL"


def test_a_day_that_had_not_settled_when_it_failed_is_shown(store: Store, clock: SettableClock) -> None:
    clock.advance(seconds=-3.5 * 3600)
    run(store, {YESTERDAY: "failed"}, kinds=["connection-records"], first_day=str(YESTERDAY), last_day=str(YESTERDAY))
    told = ledger(store)
    assert (told.last_day, days_of(told, RECORDS)[YESTERDAY].status) == (YESTERDAY, "failed")


def test_a_range_leaves_out_what_was_asked_for_outside_of_it(store: Store) -> None:
    run(store, {YESTERDAY: "failed", YESTERDAY - A_DAY: "failed"}, **BY_HAND)
    told = ledger(store, last_day=YESTERDAY - A_DAY, kind="connection-records", project_id=PROJECT_ID)
    assert list(days_of(told, RECORDS)) == [YESTERDAY - A_DAY]


class TestThePage:
    """No glyph and no colour of success where nothing is known."""

    def test_it_has_the_failures_of_a_run_by_hand(self, store: Store) -> None:
        run(store, {YESTERDAY: "failed", YESTERDAY - A_DAY: "failed"}, **BY_HAND)
        page = (store.read("coverage.html") or b"").decode()
        assert lead(page) == ("g-failed", "0 of 2 days archived, 2 failed.")

    def test_what_is_planned_and_not_there_is_no_success(self, store: Store) -> None:
        run(store, {}, **BY_HAND)
        page = (store.read("coverage.html") or b"").decode()
        assert lead(page) == ("g-missing", "0 of 2 days archived, 2 missing.")

    def test_where_nothing_is_known_there_is_no_glyph(self, store: Store) -> None:
        page = render(ledger(store))
        assert lead(page) == (None, "No day is archived yet, and none was planned.")
        nav = page.partition("<nav")[2].partition("</nav>")[0]
        assert "#g-" not in nav
        assert nav.count("no days yet") == sum(export.window.has_days for export in EXPORTS.values())


def lead(page: str) -> tuple[str | None, str]:
    """The glyph and the words below the page's heading."""
    found = re.search(r"<p class=lead>(?:<svg[^>]*><use href=\"#([a-z-]+)\"/></svg>)?<span>(.*?)</span>", page)
    assert found
    return found[1], found[2]
