"""The days that a run asks for: settled, still kept by the vendor, and missing."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.builders.clocks import CLOCKS
from tests.support.builders.examples import NOW
from workspace_exports.core.errors import Rejected
from workspace_exports.coverage.days import days_at_risk, days_to_cover, missing_days
from workspace_exports.exports import EXPORTS, Window
from workspace_exports.exports.windows import Bounds, WindowRule

RULE = WindowRule(Bounds.BOTH, last_days=30)


@given(now=CLOCKS)
def test_every_planned_day_can_be_ordered_now_and_six_hours_from_now(now: datetime) -> None:
    for export in EXPORTS.values():
        if export.window.has_days:
            first, last = days_to_cover(None, None, export.window, now)
            for day in missing_days(set(), first, last):
                assert export.problems(Window.of_day(day), {}, now) == []
                assert export.problems(Window.of_day(day), {}, now + timedelta(hours=6)) == []


@given(now=CLOCKS)
def test_no_day_that_can_safely_be_had_is_left_out(now: datetime) -> None:
    first, last = days_to_cover(None, None, RULE, now)
    before, after = first - timedelta(days=1), last + timedelta(days=1)
    assert datetime.combine(before, time(), UTC) < now + timedelta(hours=6) - timedelta(days=30)
    assert datetime.combine(after + timedelta(days=1), time(), UTC) > now - RULE.settles_after


@given(now=CLOCKS, archived=st.sets(st.integers(0, 40)))
def test_each_missing_day_is_planned_once_oldest_first(now: datetime, archived: set[int]) -> None:
    first, last = days_to_cover(None, None, RULE, now)
    have = {first + timedelta(days=n) for n in archived}
    planned = missing_days(have, first, last)
    assert planned == sorted(set(planned))
    assert not have.intersection(planned)
    assert {*planned, *have} >= {first + timedelta(days=n) for n in range((last - first).days + 1)}


@pytest.mark.parametrize(("hour", "newest"), [(0, 19), (2, 19), (16, 19), (17, 20), (23, 20)])
def test_a_day_is_asked_for_once_it_has_settled_by_its_own_rule(hour: int, newest: int) -> None:
    rule = WindowRule(Bounds.BOTH, last_days=180, settles_after=timedelta(hours=17))
    now = datetime(2026, 11, 21, hour, tzinfo=UTC)
    assert days_to_cover(None, None, rule, now)[1] == date(2026, 11, newest)


def test_a_named_range_is_taken_at_its_word() -> None:
    oldest, yesterday = date(2026, 10, 24), date(2026, 11, 21)
    assert days_to_cover(oldest, yesterday, RULE, NOW) == (oldest, yesterday)
    assert days_to_cover(oldest, oldest, RULE, NOW.replace(hour=0)) == (oldest, oldest)


def test_the_range_starts_today_thirty_days_ago_only_at_midnight() -> None:
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    assert days_to_cover(date(2026, 10, 23), None, RULE, midnight)[0] == date(2026, 10, 23)


@pytest.mark.parametrize(
    ("first", "last", "says"),
    [
        (
            date(2026, 10, 23),
            None,
            "first_day 2026-10-23 is out of the vendor's reach: the oldest day it has is 2026-10-24",
        ),
        (None, date(2020, 1, 1), "last_day 2020-01-01 is out of the vendor's reach"),
        (date(2026, 11, 22), None, "first_day 2026-11-22 is not over"),
        (date(9999, 1, 1), None, "first_day 9999-01-01 is not over"),
        (None, date(2026, 11, 22), "last_day 2026-11-22 is not over: the newest whole day is 2026-11-21"),
    ],
)
def test_a_range_that_cannot_be_had_is_refused(first: date | None, last: date | None, says: str) -> None:
    with pytest.raises(Rejected, match=says):
        days_to_cover(first, last, RULE, NOW)


def test_a_day_that_may_still_gain_data_is_planned_only_where_both_ends_are_named() -> None:
    soon, yesterday = NOW.replace(hour=1), date(2026, 11, 21)
    with pytest.raises(Rejected, match="may still gain data until 2026-11-22: give last_day to order it now"):
        days_to_cover(yesterday, None, RULE, soon)
    assert days_to_cover(yesterday, yesterday, RULE, soon) == (yesterday, yesterday)


def test_the_newest_day_that_has_settled_may_be_the_first() -> None:
    newest = date(2026, 11, 21)
    assert days_to_cover(newest, None, RULE, NOW) == (newest, newest)


def test_the_day_that_goes_in_the_next_six_hours_is_left_unless_it_is_named() -> None:
    evening, going = NOW.replace(hour=20), date(2026, 10, 24)
    assert days_to_cover(None, None, RULE, evening)[0] == going + timedelta(days=1)
    assert days_to_cover(going, None, RULE, evening)[0] == going


def test_a_day_is_at_risk_from_so_long_before_it_goes_until_it_goes() -> None:
    day, gone, second = date(2026, 10, 23), datetime(2026, 11, 22, tzinfo=UTC), timedelta(seconds=1)
    within = timedelta(days=2)
    assert [
        days_at_risk([day], RULE, now, within) for now in (gone - within, gone - within + second, gone, gone + second)
    ] == [[], [day], [day], []]
