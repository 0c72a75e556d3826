"""Waits for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

_INTERVAL_SECONDS = 0.02

T = TypeVar("T")


def poll(probe: Callable[[], T | None], *, timeout_seconds: float, waiting_for: str) -> T:
    """Ask ``probe`` again and again until it answers.

    Raises:
        TimeoutError: There was no answer in time.
    """
    deadline = time.monotonic() + timeout_seconds
    while (answer := probe()) is None:
        if time.monotonic() >= deadline:
            raise TimeoutError(f"{waiting_for}: nothing after {timeout_seconds:g} s")
        time.sleep(_INTERVAL_SECONDS)
    return answer
