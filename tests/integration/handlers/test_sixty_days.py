"""Sixty days of the daily run, through the real handlers, with time as the only thing that is not real."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.clock import SettableClock
from local.standin.server import VendorStandIn
from tests.support.checks.leaks import CANARIED
from tests.support.fixtures.handlers import Call
from workspace_exports.archive.layout import SeriesName
from workspace_exports.archive.manifests import archived_days
from workspace_exports.core.errors import VendorUnavailable
from workspace_exports.coverage.baseline import read_baseline
from workspace_exports.coverage.days import missing_days, oldest_day
from workspace_exports.coverage.plans import read_plan
from workspace_exports.exports import find_export
from workspace_exports.storage.store import Store

Run = Callable[[datetime], None]

KINDS = ["connection-records", "app-user-access"]
FIRST_RUN = datetime(2028, 1, 20, 4, 30, tzinfo=UTC)
"""Before the last days of two months, one of them with a leap day."""
RUNS = [FIRST_RUN + timedelta(days=n) for n in range(60)]
REACH = timedelta(days=30)
A_DAY = timedelta(days=1)
LAST_GOOD = 10
"""The number of the last run before the outage."""


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    """The vendor's, and the product's at the one place where it asks for the time."""
    clock = SettableClock(FIRST_RUN)
    asked = SimpleNamespace(now=lambda _: clock(), strptime=datetime.strptime)
    monkeypatch.setattr("workspace_exports.core.clock.datetime", asked)
    return clock


@pytest.fixture
def vendor(clock: SettableClock) -> Iterator[VendorStandIn]:
    with VendorStandIn(contents=CANARIED, task_seconds=0, report_rows=1, clock=clock) as vendor:
        yield vendor


@pytest.fixture
def archive_url(tmp_path: Path) -> str:
    return f"memory:///{tmp_path.name}"


@pytest.fixture
def run(clock: SettableClock, store: Store, plan: Call, start: Call, poll: Call, fetch: Call) -> Run:
    """The archive workflow at that time, without its engine; what fails is left to the next run."""

    def run(now: datetime) -> None:
        clock.advance(seconds=(now - clock()).total_seconds())
        for planned in read_plan(store, plan(kinds=KINDS)["run"]):
            with suppress(VendorUnavailable):
                fetch(**poll(**start(**planned.export.model_dump(mode="json", exclude_none=True))))

    return run


def beyond_saving(since: date, down_days: int) -> list[date]:
    """The days that the vendor had at no hour at which it could be asked, by its own rule.

    It answers for a day that is over and began in the last thirty days, and for nothing from right after the last good
    run until right before the one so many days later.
    """
    fell, rose = RUNS[LAST_GOOD] + timedelta(minutes=1), RUNS[LAST_GOOD + down_days] - timedelta(minutes=1)
    hours = [datetime.combine(since, time(), UTC) + timedelta(hours=n) for n in range(24 * 95)]
    up = [hour for hour in hours if hour <= RUNS[-1] and not fell <= hour <= rose]
    days = [since + n * A_DAY for n in range((RUNS[-1].date() - since).days)]
    starts = {day: datetime.combine(day, time(), UTC) for day in days}
    return [day for day in days if not any(starts[day] + A_DAY <= hour <= starts[day] + REACH for hour in up)]


@pytest.mark.no_cover
@pytest.mark.parametrize(
    ("down_days", "lost"),
    [
        pytest.param(1, 0, marks=pytest.mark.nightly),
        pytest.param(28, 0, marks=pytest.mark.nightly),
        pytest.param(35, 6, marks=pytest.mark.check),
    ],
)
def test_an_outage_loses_only_days_that_could_not_be_saved(
    down_days: int, lost: int, run: Run, vendor: VendorStandIn, environment: pytest.MonkeyPatch, store: Store
) -> None:
    for now in RUNS[: LAST_GOOD + 1]:
        run(now)
    vendor.stop()
    for now in RUNS[LAST_GOOD + 1 : LAST_GOOD + down_days]:
        run(now)
    vendor.start()
    environment.setenv("WORKSPACE_ENDPOINT", vendor.url)
    for now in RUNS[LAST_GOOD + down_days :]:
        run(now)

    assert all(times == 1 for times in Counter((task.kind, task.report.window) for task in vendor.tasks).values())
    for kind in KINDS:
        since = read_baseline(store, SeriesName(DEMO_PROJECT_ID, kind))
        assert since == FIRST_RUN.date() - 29 * A_DAY
        archived = archived_days(store, SeriesName(DEMO_PROJECT_ID, kind))
        every = {since + n * A_DAY for n in range((RUNS[-1].date() - since).days)}
        told = missing_days(archived, since, oldest_day(find_export(kind).window, RUNS[-1]) - A_DAY)
        assert told == beyond_saving(since, down_days)
        assert len(told) == lost
        assert archived == every - set(told)
        assert sum(task.kind == kind for task in vendor.tasks) == len(archived)
