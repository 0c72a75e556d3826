"""The window rules of the export operations."""

from datetime import UTC, datetime, timedelta

import pytest

from local.standin.parameters import Bounds, Window
from local.standin.refusals import RefusalError
from local.standin.windows import checked_span

NOW = datetime(2026, 11, 20, 10, 0, 0, tzinfo=UTC)
ALL_BOUNDS = Window(30, Bounds.BOTH)
ONE_BOUND = Window(30, Bounds.AT_LEAST_ONE)
LONG = Window(180, Bounds.BOTH)
SECOND = timedelta(seconds=1)


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def ask(window: Window, **bounds: datetime) -> tuple[datetime, datetime]:
    return checked_span(window, {f"{name}_time": written(moment) for name, moment in bounds.items()}, NOW)


@pytest.mark.parametrize("window", [ALL_BOUNDS, ONE_BOUND, LONG])
def test_a_start_on_the_last_second_of_the_window_is_taken(window: Window) -> None:
    start = NOW - timedelta(days=window.days)
    assert ask(window, start=start, end=NOW) == (start, NOW)


@pytest.mark.parametrize("window", [ALL_BOUNDS, ONE_BOUND, LONG])
def test_a_start_one_second_before_the_window_is_refused_by_name(window: Window) -> None:
    with pytest.raises(RefusalError, match=f"start_time: it must be within the last {window.days} days"):
        ask(window, start=NOW - timedelta(days=window.days) - SECOND, end=NOW)


def test_an_end_before_the_window_is_refused_by_name() -> None:
    with pytest.raises(RefusalError, match="end_time: it must be within"):
        ask(ONE_BOUND, end=NOW - timedelta(days=31))


def test_an_end_later_today_is_taken() -> None:
    assert ask(ALL_BOUNDS, start=NOW, end=datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC))


def test_an_end_tomorrow_is_refused() -> None:
    with pytest.raises(RefusalError, match="end_time: it is in the future"):
        ask(ALL_BOUNDS, start=NOW, end=datetime(2026, 11, 21, tzinfo=UTC))


def test_a_start_equal_to_the_end_is_taken() -> None:
    assert ask(ALL_BOUNDS, start=NOW, end=NOW) == (NOW, NOW)


def test_a_start_after_the_end_is_refused() -> None:
    with pytest.raises(RefusalError, match="start_time: it is later than end_time"):
        ask(ALL_BOUNDS, start=NOW, end=NOW - SECOND)


def test_a_range_longer_than_the_window_is_refused() -> None:
    with pytest.raises(RefusalError, match="longer than 30 days"):
        ask(ALL_BOUNDS, start=NOW - timedelta(days=30), end=NOW + timedelta(hours=1))


def test_one_bound_is_enough_where_either_may_be_left_out() -> None:
    assert ask(ONE_BOUND, start=NOW - SECOND) == (NOW - SECOND, NOW)
    assert ask(ONE_BOUND, end=NOW - SECOND) == (NOW - timedelta(days=30), NOW - SECOND)


def test_one_bound_is_not_enough_where_both_are_mandatory() -> None:
    with pytest.raises(RefusalError, match="end_time: it is mandatory"):
        ask(ALL_BOUNDS, start=NOW)


@pytest.mark.parametrize("window", [ALL_BOUNDS, ONE_BOUND])
def test_no_bound_at_all_is_refused(window: Window) -> None:
    with pytest.raises(RefusalError, match=f"give {window.bounds.value}"):
        ask(window)
