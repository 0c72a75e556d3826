"""Days of twenty projects, every fifth call to vendor or archive failing: nothing lost or doubled, no function grows.

SOAK_EXPORTS=2000 for the two thousand, which take a quarter of an hour.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import psutil
import pytest

from local.engine import Execution
from local.standin.faults.catalogue import PASSING
from tests.long.fleet import PROJECTS, archive, deploying, each_window_once, last_days, misbehaving_storage
from tests.support.fixtures.deployment import Deployment
from workspace_exports.coverage.reports import Report

pytestmark = pytest.mark.nightly

KINDS = ("connection-records", "app-user-access", "desktop-usage", "user-usage")
COUNT = int(os.environ.get("SOAK_EXPORTS", "160")) // len(PROJECTS) // len(KINDS)
DAYS = last_days(COUNT + 1)[:-1]
"""Usage of the last one may not have settled yet, and would be planned for ever."""
ROUNDS = min(5, len(DAYS))
FAULT_RATE = 0.2
FAULTS = tuple(sorted(PASSING - {"endless"}))
"""An endless answer is read up to eight megabytes, which a process keeps for the next one: that is no leak."""
COSTLY = ("lost-answer", "cut-short", "cut-in-chunks", "reset-amid-answer", "junk-behind")
"""What leaves open whether an order was made; the list tells, unless several orders of a project are open at a time."""
MOST_RUNS_TO_HEAL = 3
"""For what a run had to give up."""
MORE_HANDLES = 16
"""Connections that pools keep between two calls, which one process opens sooner than another."""
MOST_GROWTH = 1.2
"""Of a process's memory since the first round: what it holds of a longer list, and of a heap that is used in pieces."""


@dataclass(frozen=True)
class Process:
    """What a function's process holds while nothing is asked of it."""

    function: str
    handles: int
    memory_bytes: int


def processes() -> dict[int, Process]:
    """Those that live, by their number."""
    return {
        child.pid: Process(child.environ()["AWS_LAMBDA_FUNCTION_NAME"], child.num_fds(), child.memory_info().rss)
        for child in psutil.Process().children(recursive=True)
        if any(part.endswith("worker.py") for part in child.cmdline())
    }


def test_nothing_is_lost_or_doubled_and_nothing_leaks() -> None:
    with (
        deploying(KINDS, fault_rate=FAULT_RATE, fault_seed=9, fault_names=FAULTS) as deployment,
        misbehaving_storage(deployment, FAULT_RATE, seed=10) as storage,
    ):
        seen = []
        for days in rounds():
            told(deployment, archive(deployment, days))
            seen.append(processes())
        heal(deployment)
        each_window_once(deployment.objects(), KINDS, DAYS)
        windows, faults = len(PROJECTS) * len(KINDS) * len(DAYS), deployment.vendor.random_faults
        print(f"vendor: {dict(faults)}\nstorage: {len(storage.requests)} calls, {dict(storage.random_faults)}")  # noqa: T201
        assert windows <= len(deployment.vendor.tasks) <= windows + sum(faults.get(name, 0) for name in COSTLY)
        assert sum(faults.values()) > len(deployment.vendor.requests) * FAULT_RATE / 2
        assert sum(storage.random_faults.values()) > len(storage.requests) * FAULT_RATE / 2
        nothing_leaked(seen)


def rounds() -> list[Sequence[date]]:
    """The days in as many parts, the oldest first."""
    return [DAYS[len(DAYS) * n // ROUNDS : len(DAYS) * (n + 1) // ROUNDS] for n in range(ROUNDS)]


def told(deployment: Deployment, run: Execution) -> int | None:
    """What a run says of itself, for who watches too; how much there was to do, if it got so far."""
    vendor = deployment.vendor
    so_far = f"{len(vendor.tasks)} tasks, {len(vendor.requests)} calls"
    if run.output is None:
        print(f"{run.error}: {run.cause}; {so_far}", flush=True)  # noqa: T201
        return None
    report = Report.model_validate(run.output)
    print(f"{report.planned} planned, {report.landed} landed, {report.failed} failed; {so_far}", flush=True)  # noqa: T201
    return report.planned


def heal(deployment: Deployment) -> None:
    """Runs of later days, until there is nothing more to do."""
    for _ in range(MOST_RUNS_TO_HEAL):
        deployment.engine.forget_names()
        if told(deployment, archive(deployment, DAYS)) == 0:
            return
    pytest.fail("there is always something left to do")


def nothing_leaked(seen: Sequence[dict[int, Process]]) -> None:
    """Of each process that lived from the first round to the last."""
    first, last = seen[0], seen[-1]
    lived = first.keys() & last.keys()
    assert {last[pid].function for pid in lived} == {process.function for process in last.values()}
    for pid in lived:
        print(first[pid], last[pid])  # noqa: T201
        assert last[pid].handles <= first[pid].handles + MORE_HANDLES
        assert last[pid].memory_bytes <= first[pid].memory_bytes * MOST_GROWTH
