"""What the benchmarks of throttling, money and polling compute from what they have seen."""

from datetime import UTC, datetime, timedelta

import pytest

from local.bench.costing import Count
from local.bench.looking import deployed, dollars, fixed_looks, looks, transitions
from local.bench.throttling import a_minute, least_minutes, most_in_a_minute
from local.standin import Quota
from tests.support.checks.history_limits import most_looks

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def at(*seconds: float) -> list[datetime]:
    return [NOW + timedelta(seconds=one) for one in seconds]


@pytest.mark.parametrize(
    ("seconds", "most"),
    [((0,), 1), ((0, 59.9), 2), ((0, 60), 1), ((0, 30, 59, 61, 62), 4), ((0, 100, 101, 102, 200), 3)],
    ids=str,
)
def test_the_most_calls_in_any_minute(seconds: tuple[float, ...], most: int) -> None:
    assert most_in_a_minute(at(*seconds)) == most


@pytest.mark.parametrize(
    ("seconds", "number"), [((0,), 1), ((0, 60, 120), 1), ((0, 0, 0, 60, 60, 60), 3), ((0, 0, 0, 0, 60), 2.5)], ids=str
)
def test_what_fills_the_limit_is_the_limit_and_no_more(seconds: tuple[float, ...], number: float) -> None:
    assert a_minute(at(*seconds)) == number


@pytest.mark.parametrize(("calls", "minutes"), [(1, 0), (10, 0), (11, 1), (20, 1), (621, 62)])
def test_the_first_lot_comes_at_once_and_each_further_one_a_minute_later(calls: int, minutes: float) -> None:
    assert least_minutes(calls, Quota(calls=10, seconds=60)) == minutes


def test_what_is_left_of_two_runs_is_for_each_window() -> None:
    few, many = Count(transitions=50, s3_writes=52), Count(transitions=250, s3_writes=252)
    assert (many - few) / 20 == Count(transitions=10, s3_writes=10)


@pytest.mark.parametrize(("seconds", "number"), [(0, 1), (5, 1), (6, 2), (10, 2), (60, 12), (3600, 720)])
def test_looks_at_fixed_intervals(seconds: int, number: int) -> None:
    assert fixed_looks(timedelta(seconds=seconds)) == number


def test_looks_of_the_policy_end_with_the_first_that_finds_the_file() -> None:
    at_ = looks(timedelta(minutes=1), deployed())
    assert at_[-2] < timedelta(minutes=1) <= at_[-1]
    assert len(looks(timedelta(hours=1), deployed())) == most_looks(3600, 5)


def test_a_further_look_is_three_transitions_and_a_call() -> None:
    assert [transitions(1), transitions(3)] == [10, 16]
    assert dollars(2) - dollars(1) == pytest.approx(3 * 0.025 + 0.0002)
