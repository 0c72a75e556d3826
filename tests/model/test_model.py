"""Vendor, archive and functions under random schedules of calls, faults, clock jumps and crashes, against a model.

A failure is printed as a script: the shortest schedule that still fails. A long run prints the seed that repeats it:
`SEED=... make test-nightly TEST=tests/model`.
"""

import os
import random
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import VendorAndArchive

Archives = Callable[[], str]
"""Gives the URL of another empty archive every time."""

EXAMPLE = settings(
    stateful_step_count=40,
    deadline=None,
    database=None,
    print_blob=True,
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
)
LONG_EXAMPLE = settings(EXAMPLE, stateful_step_count=100, max_examples=4)
SCHEDULES = 20
STEPS, FOLDER_STEPS = 300, 500
LONG_STEPS = int(os.environ.get("MODEL_STEPS") or 2_000)
"""Ten thousand take five minutes."""


def in_memory() -> str:
    return f"memory:///{uuid.uuid4()}"


def machine(archives: Archives) -> type[VendorAndArchive]:
    """Makes one for every schedule."""
    return cast("type[VendorAndArchive]", lambda: VendorAndArchive(archives()))


def explore(archives: Archives, how: settings) -> int:
    """One run of many schedules; how many steps they had."""
    before = VendorAndArchive.steps
    run_state_machine_as_test(machine(archives), settings=how)
    return VendorAndArchive.steps - before


def explore_at_random(archives: Archives, steps: int) -> None:
    """At least so many steps, other ones every time."""
    first_seed = int(os.environ.get("SEED") or random.SystemRandom().getrandbits(32))
    sys.stderr.write(f"\nSEED={first_seed}: ")
    done, calls = 0, VendorAndArchive.calls
    for number in range(first_seed, sys.maxsize):
        before = VendorAndArchive.steps
        run_state_machine_as_test(seed(number)(machine(archives)), settings=LONG_EXAMPLE)
        done += VendorAndArchive.steps - before
        if done >= steps:
            break
    sys.stderr.write(f"{done:,} steps, {VendorAndArchive.calls - calls:,} calls of the functions\n")
    assert done >= steps


@pytest.mark.parametrize("parts", [pytest.param(1, marks=pytest.mark.nightly, id="all"), pytest.param(3, id="a-third")])
def test_a_few_hundred_steps_keep_every_promise(parts: int) -> None:
    """The same ones every time."""
    assert explore(in_memory, settings(EXAMPLE, derandomize=True, max_examples=SCHEDULES // parts)) >= STEPS // parts


@pytest.mark.nightly
def test_thousands_of_steps_keep_every_promise() -> None:
    explore_at_random(in_memory, LONG_STEPS)


@pytest.mark.nightly
def test_a_folder_keeps_every_promise(tmp_path: Path) -> None:
    def folder() -> str:
        return (tmp_path / str(uuid.uuid4())).as_uri()

    explore_at_random(folder, FOLDER_STEPS)
