"""The end of a day, under each way in which the vendor may compare its records with a window's bounds.

The vendor documents neither. Its pages say "after the start" and "before the end".
"""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import product

import pytest
from openpyxl import load_workbook

from local.standin.contents import Contents
from local.standin.server import VendorStandIn
from local.standin.windows import Reading
from tests.support.fixtures.handlers import Call
from workspace_exports.core.clock import utc_now
from workspace_exports.exports import EXPORTS
from workspace_exports.storage.store import Store

pytestmark = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)

FIRST = utc_now().date() - timedelta(days=3)
SECOND = FIRST + timedelta(days=1)
MIDNIGHT = datetime.combine(SECOND, time(), UTC)
TENTHS = [MIDNIGHT + timedelta(milliseconds=100 * n) for n in range(-40, 41)]
"""A record at every tenth of a second, four seconds before midnight and four after it."""

READINGS = [
    Reading(whole_seconds=whole, start_inclusive=start, end_inclusive=end)
    for whole, start, end in product([False, True], repeat=3)
]
MILLISECONDS = "app-sessions"
IN_SECONDS = ["connection-records", "app-user-access", "app-user-logins", "app-usage"]
MOMENT_COLUMN = {
    "connection-records": "Connection Started",
    "app-user-logins": "Login Started",
    "app-usage": "Started",
    "app-sessions": "Session Started",
}

Files = Callable[[str, date], list[datetime]]


def named(reading: Reading) -> str:
    ends = [("from", reading.start_inclusive), ("to", reading.end_inclusive)]
    bounds = [f"{name}-{'inclusive' if inclusive else 'exclusive'}" for name, inclusive in ends]
    return "-".join(["seconds" if reading.whole_seconds else "fractions", *bounds])


@pytest.fixture
def reading() -> Reading:
    return Reading()


@pytest.fixture
def records() -> list[datetime]:
    return TENTHS


@pytest.fixture
def vendor(reading: Reading, records: list[datetime]) -> Iterator[VendorStandIn]:
    with VendorStandIn(task_seconds=0, contents=Contents(records=records, reading=reading)) as vendor:
        yield vendor


@pytest.fixture
def archived(vendor: VendorStandIn, start: Call, poll: Call, fetch: Call, store: Store) -> Files:
    """What a day's file holds, by what is archived of it."""

    def records_of(kind: str, day: date) -> list[datetime]:
        done = fetch(**poll(**start(kind=kind, day=day.isoformat())))
        task = next(task for task in vendor.tasks if task.task_id == done["task_id"])
        content = b"".join(store.chunks(done["archived"]["key"]))
        headings, *rows = load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True)
        held = list(task.report.moments or ())
        assert len(rows) == len(held)
        if kind in MOMENT_COLUMN:
            column = headings.index(MOMENT_COLUMN[kind])
            assert [_moment(row[column]) for row in rows] == held
        return held

    return records_of


def _moment(cell: object) -> datetime:
    return datetime.strptime(str(cell), "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)


@pytest.mark.parametrize("reading", READINGS, ids=named)
@pytest.mark.parametrize("kind", IN_SECONDS)
def test_every_record_is_in_a_file_and_two_seconds_at_most_are_in_two(kind: str, archived: Files) -> None:
    before, after = archived(kind, FIRST), archived(kind, SECOND)
    assert sorted({*before, *after}) == TENTHS
    assert len({*before} & {*after}) <= 20
    assert all(moment < MIDNIGHT + timedelta(seconds=2) for moment in before)
    assert all(moment >= MIDNIGHT for moment in after)


@pytest.mark.parametrize("reading", [r for r in READINGS if r.start_inclusive], ids=named)
def test_a_format_with_milliseconds_needs_no_overlap(archived: Files) -> None:
    before, after = archived(MILLISECONDS, FIRST), archived(MILLISECONDS, SECOND)
    assert [*before, *after] == TENTHS


LAST_MILLISECOND = MIDNIGHT - timedelta(milliseconds=1)


@pytest.mark.parametrize("records", [[LAST_MILLISECOND, MIDNIGHT]])
@pytest.mark.parametrize(
    ("reading", "lost"),
    [
        (Reading(), set()),
        (Reading(end_inclusive=False), {LAST_MILLISECOND}),
        (Reading(start_inclusive=False), {MIDNIGHT}),
    ],
    ids=["inclusive", "exclusive-end", "exclusive-start"],
)
def test_with_milliseconds_an_exclusive_bound_would_cost_one_of_them(lost: set[datetime], archived: Files) -> None:
    """What is not covered, so that nobody takes it for covered."""
    found = {*archived(MILLISECONDS, FIRST), *archived(MILLISECONDS, SECOND)}
    assert {LAST_MILLISECOND, MIDNIGHT} - found == lost


def total_of(day: date) -> datetime:
    """The vendor puts the sum of a day's use at its last second."""
    return datetime.combine(day, time(23, 59, 59), UTC)


@pytest.mark.check
@pytest.mark.parametrize("records", [[total_of(FIRST + timedelta(days=n)) for n in range(-1, 3)]])
@pytest.mark.parametrize("reading", READINGS, ids=named)
@pytest.mark.parametrize("kind", ["desktop-usage", "user-usage"])
def test_a_days_total_is_in_the_file_of_its_day_and_in_no_other(kind: str, archived: Files) -> None:
    assert archived(kind, FIRST) == [total_of(FIRST)]


def test_the_day_stays_what_it_is_in_events_and_manifests(start: Call, poll: Call, fetch: Call, store: Store) -> None:
    for kind, export in EXPORTS.items():
        if export.window.has_days:
            done = fetch(**poll(**start(kind=kind, day=FIRST.isoformat())))
            window = {"start_time": f"{FIRST}T00:00:00Z", "end_time": f"{FIRST}T23:59:59Z"}
            assert window.items() <= done.items()
            manifest = store.read(done["archived"]["manifest_key"]) or b""
            assert f'"end_time": "{FIRST}T23:59:59Z"'.encode() in manifest
