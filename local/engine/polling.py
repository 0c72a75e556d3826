"""Waits for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

_FIRST_INTERVAL_SECONDS = 0.005
_LONGEST_INTERVAL_SECONDS = 0.1
_OF_THE_TIME_WAITED = 0.05
"""A probe may cost as much as what it waits for: the longer that takes, the less often it is asked."""

T = TypeVar("T")


def poll(
    probe: Callable[[], T | None],
    *,
    timeout_seconds: float,
    waiting_for: str,
    shortest_interval_seconds: float = _FIRST_INTERVAL_SECONDS,
) -> T:
    """Ask ``probe`` again and again until it answers.

    Raises:
        TimeoutError: There was no answer in time.
    """
    began = time.monotonic()
    while (answer := probe()) is None:
        waited = time.monotonic() - began
        if waited >= timeout_seconds:
            raise TimeoutError(f"{waiting_for}: nothing after {timeout_seconds:g} s")
        interval = min(waited * _OF_THE_TIME_WAITED, _LONGEST_INTERVAL_SECONDS)
        time.sleep(max(interval, shortest_interval_seconds))
    return answer
