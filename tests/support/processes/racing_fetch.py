"""One of several processes that fetch the same windows at the same times."""

import os
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier
from typing import Any

from tests.support.lambda_context import lambda_context

_start: Barrier | None = None


def join(start: Barrier, environment: dict[str, str]) -> None:
    """Prepares this process: its environment, and where it lines up."""
    global _start  # noqa: PLW0603 - a pool hands things to its processes in no other way
    _start = start
    os.environ.clear()
    os.environ.update(environment)


def race(rounds: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines up before each round, then fetches; what each fetch says of the archive."""
    from functions.fetch_file.app import handler  # noqa: PLC0415 - reads the environment it was given

    assert _start is not None
    results = []
    for looked in rounds:
        _start.wait(timeout=60)
        results.append(handler(looked, lambda_context(60))["archived"])
    return results
