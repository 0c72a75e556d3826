"""The time a stand-in lives in: the real one, or one that a test moves."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
"""Answers an aware UTC time."""


def system_clock() -> datetime:
    """Answer the real time."""
    return datetime.now(UTC)


class SettableClock:
    """A clock that stands still until told otherwise; safe to move while the server runs."""

    def __init__(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError("a clock needs an aware time")
        self._now = now.astimezone(UTC)
        self._lock = threading.Lock()

    def __call__(self) -> datetime:
        """Answer the time it was left at."""
        with self._lock:
            return self._now

    def advance(self, *, seconds: float = 0, days: float = 0) -> None:
        """Move by a duration; negative values go back, which real clocks do too."""
        with self._lock:
            self._now += timedelta(days=days, seconds=seconds)
