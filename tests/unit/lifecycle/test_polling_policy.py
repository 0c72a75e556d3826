"""The policy of status checks: how long to wait before the next, and when the deadline has passed."""

from datetime import timedelta
from math import ceil

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.checks.history_limits import most_looks
from workspace_exports.lifecycle.polling_policy import PollingPolicy


def test_a_shortest_wait_beyond_the_longest_is_kept() -> None:
    policy = PollingPolicy(deadline=timedelta(hours=1), shortest_wait=timedelta(seconds=300))
    assert policy.wait_seconds(timedelta(seconds=10)) == 300


POLICY = PollingPolicy(deadline=timedelta(minutes=60), shortest_wait=timedelta(seconds=5))


@pytest.mark.parametrize(("elapsed", "wait"), [(0, 5), (9, 5), (11, 6), (60, 30), (120, 60), (3000, 60)])
def test_looks_become_rarer_as_a_task_takes_longer(elapsed: int, wait: int) -> None:
    assert POLICY.wait_seconds(timedelta(seconds=elapsed)) == wait


@pytest.mark.parametrize(("hours", "wait"), [(0.01, 60), (1, 60), (2, 120), (24, 1440)])
def test_the_longest_wait_grows_with_the_deadline(hours: float, wait: int) -> None:
    assert PollingPolicy(timedelta(hours=hours), timedelta(seconds=1)).longest_wait == timedelta(seconds=wait)


@pytest.mark.parametrize(("elapsed", "wait"), [(3590, 10), (3599, 1), (3599.9, 1), (3600, 60), (5000, 60)])
def test_the_last_look_is_at_the_deadline(elapsed: float, wait: int) -> None:
    """Whoever asks later is told to take it easy."""
    assert POLICY.wait_seconds(timedelta(seconds=elapsed)) == wait


@given(deadline=st.integers(1, 24 * 3600), shortest=st.integers(1, 300))
@example(deadline=24 * 3600, shortest=1)
def test_looks_before_the_deadline_are_bounded_whatever_the_settings(deadline: int, shortest: int) -> None:
    assert most_looks(deadline, shortest) <= 80


@given(deadline=st.integers(1, 24 * 3600), shortest=st.integers(1, 300), elapsed=st.floats(0, 30 * 3600))
def test_a_wait_is_never_longer_than_half_the_time_so_far_or_what_is_always_allowed(
    deadline: int, shortest: int, elapsed: float
) -> None:
    policy = PollingPolicy(timedelta(seconds=deadline), timedelta(seconds=shortest))
    wait = policy.wait_seconds(timedelta(seconds=elapsed))
    assert 1 <= wait <= max(shortest, ceil(elapsed / 2))
    assert wait <= max(shortest, 60, ceil(deadline / 60))
