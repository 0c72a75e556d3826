"""The retry policy: a pure function, held against absurd headers and its own promises."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace_exports.client.retry import RetryPolicy, http_date, retry_after_seconds
from workspace_exports.core.errors import BadFile, ExportError, Rejected, Throttled, Unauthorized, VendorUnavailable

NOW = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)
POLICY = RetryPolicy(attempts=4, longest_wait_seconds=10)


def half() -> float:
    return 0.5


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        ("7", 7),
        (" 7 ", 7),
        ("7.5", 7.5),
        ("1e3", 1000),
        ("-1", None),
        ("-0", 0),
        ("nan", None),
        ("inf", None),
        ("-inf", None),
        ("1e999", None),
        ("soon", None),
        ("7 seconds", None),
        ("\u0667", 7),
        ("Sun, 22 Nov 2026 04:30:09 GMT", 9),
        ("Sun, 22 Nov 2026 05:30:09 +0100", 9),
        ("Sunday, 22-Nov-26 04:30:09 GMT", 9),
        ("Sun, 22 Nov 2026 04:30:09", 9),
        ("Sun, 22 Nov 2026 04:29:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 251606978999),
        ("Sat, 01 Jan 100000 00:00:00 GMT", None),
        ("Sun, 99 Nov 2026 04:30:09 GMT", None),
        ("Sun, 22 Nov", None),
        (",,,,", None),
        ("2026-11-22T04:30:09Z", None),
    ],
)
def test_retry_after_is_read_whatever_it_holds(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds({} if header is None else {"retry-after": header}, NOW) == seconds


def test_a_date_is_compared_with_the_vendors_clock_not_with_ours() -> None:
    headers = {"retry-after": "Sun, 22 Nov 2026 06:00:05 GMT", "date": "Sun, 22 Nov 2026 06:00:00 GMT"}
    assert retry_after_seconds(headers, NOW) == 5


@given(st.text())
def test_no_header_can_break_it(text: str) -> None:
    seconds = retry_after_seconds({"retry-after": text, "date": text}, NOW)
    assert seconds is None or seconds >= 0
    moment = http_date(text)
    assert moment is None or moment.tzinfo


AWAY = VendorUnavailable("away")


def asking_for(seconds: float | None) -> Throttled:
    return Throttled("throttled", retry_after_seconds=seconds)


@pytest.mark.parametrize(
    ("attempt", "error", "remaining", "wait"),
    [
        (1, AWAY, 60, 0.5),
        (2, AWAY, 60, 1.0),
        (3, AWAY, 60, 2.0),
        (4, AWAY, 60, None),
        (1, BadFile("no file"), 60, 0.5),
        (1, asking_for(None), 60, 0.5),
        (1, asking_for(7), 60, 7),
        (1, VendorUnavailable("away", retry_after_seconds=0.1), 60, 0.5),
        (1, asking_for(10), 60, 10),
        (1, asking_for(11), 60, None),
        (1, asking_for(7), 8.9, None),
        (1, AWAY, 2.4, None),
        (1, AWAY, 0, None),
        (1, Rejected("no"), 60, None),
        (1, Unauthorized("no"), 60, None),
    ],
)
def test_decides_by_what_it_is_told(attempt: int, error: ExportError, remaining: float, wait: float | None) -> None:
    assert POLICY.next_wait(attempt, error, remaining, half) == wait


@given(
    remaining=st.floats(0, 1000),
    waits_asked_for=st.lists(st.sampled_from([None, 0.0, 3.0, 9.99, 10.0, 60.0]), min_size=1),
    attempts=st.integers(1, 10),
    seed=st.integers(),
)
def test_the_waits_never_exceed_the_time_left(
    remaining: float, waits_asked_for: list[float | None], attempts: int, seed: int
) -> None:
    policy, draw, left = RetryPolicy(attempts), random.Random(seed).random, remaining  # noqa: S311 - jitter
    made = 0
    for made, seconds in enumerate(waits_asked_for, start=1):
        wait = policy.next_wait(made, asking_for(seconds), left, draw)
        if wait is None:
            break
        assert 0 <= wait <= policy.longest_wait_seconds
        left -= wait
    assert left >= 0
    assert made <= attempts


def test_the_jitter_is_full() -> None:
    draw = random.Random(7).random  # noqa: S311 - jitter
    waits = [POLICY.next_wait(3, AWAY, 60, draw) or 0 for _ in range(500)]
    assert min(waits) < 0.1
    assert max(waits) > 3.9
    assert all(0 <= wait <= 4 for wait in waits)
