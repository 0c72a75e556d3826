"""The plan for reading a list: every second once, however the rows lie, in few calls."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace_exports.client.reading_plan import ReadingPlan

START = datetime(2026, 11, 20, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LONGEST = 10


def read(rows: list[int], seconds: int) -> tuple[list[tuple[int, int]], int]:
    """The pieces that were taken, and the calls; a call's page has the rows of a second more on each side."""

    def within(since: int, until: int) -> int:
        return sum(since <= row < until for row in rows)

    plan = ReadingPlan(START, START + seconds * SECOND, within(-1, seconds + 1), LONGEST)
    taken, calls = [], 0
    while not plan.is_done:
        since, until = (plan.since - START) // SECOND, (plan.until - START) // SECOND
        assert since < until <= seconds
        calls += 1
        count = within(since - 1, until + 1)
        if count > LONGEST and plan.can_be_narrowed:
            plan.narrow(count)
        else:
            taken.append((since, until))
            plan.advance(within(since, until))
    return taken, calls


@given(st.integers(1, 90_000).flatmap(lambda n: st.tuples(st.lists(st.integers(-1, n), max_size=60), st.just(n))))
def test_takes_every_second_once_and_in_order(drawn: tuple[list[int], int]) -> None:
    rows, seconds = drawn
    taken, calls = read(rows, seconds)
    assert [since for since, _ in taken] == [0, *(until for _, until in taken[:-1])]
    assert taken[-1][1] == seconds
    assert calls <= 40 + 10 * len(rows)


@pytest.mark.parametrize(
    ("rows", "most_calls"),
    [
        ([], 1),
        ([5] * 10, 1),
        (list(range(0, 86_400, 864)), 20),
        ([30_000] * 50, 45),
        ([second for second in (30_000, 50_000) for _ in range(30)], 90),
    ],
    ids=["none", "one page", "evenly", "one crowded second", "two crowded seconds"],
)
def test_takes_few_calls(rows: list[int], most_calls: int) -> None:
    assert read(rows, 86_400)[1] <= most_calls


def test_a_crowded_second_is_in_two_pieces_at_most() -> None:
    for second in range(30_000, 30_020):
        taken, _ = read([second] * 50, 86_400)
        assert sum(since - 1 <= second < until + 1 and until - since <= 4 for since, until in taken) <= 2
