"""Days of twenty projects with every fifth call failing: nothing lost, nothing doubled, and no function grows.

SOAK_EXPORTS=2000 for the two thousand, which take a quarter of an hour.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import psutil
import pytest

from tests.long.fleet import PROJECTS, archive, deploying, each_window_once, last_days
from tests.workflow.conftest import Deployment
from workspace_exports.contracts.reports import Report

pytestmark = pytest.mark.long

KINDS = ("connection-records", "app-user-access", "desktop-usage", "user-usage")
COUNT = int(os.environ.get("SOAK_EXPORTS", "240")) // len(PROJECTS) // len(KINDS)
DAYS = last_days(COUNT + 1)[:-1]
"""Usage of the last one may not have settled yet, and would be planned for ever."""
ROUNDS = min(5, len(DAYS))
FAULT_RATE = 0.2
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
    with deploying(KINDS, fault_rate=FAULT_RATE, fault_seed=9) as deployment:
        seen = []
        for days in rounds():
            told(deployment, archive(deployment, days).output)
            seen.append(processes())
        heal(deployment)
        each_window_once(deployment.objects(), KINDS, DAYS)
        windows, faults = len(PROJECTS) * len(KINDS) * len(DAYS), deployment.vendor.random_faults
        assert windows <= len(deployment.vendor.tasks) <= windows + faults["answer lost"]
        assert sum(faults.values()) > len(deployment.vendor.requests) * FAULT_RATE / 2
        nothing_leaked(seen)


def rounds() -> list[Sequence[date]]:
    """The days in as many parts, the oldest first."""
    return [DAYS[len(DAYS) * n // ROUNDS : len(DAYS) * (n + 1) // ROUNDS] for n in range(ROUNDS)]


def told(deployment: Deployment, output: object) -> Report:
    """What a run says of itself, for who watches too."""
    report, vendor = Report.model_validate(output), deployment.vendor
    counts = f"{report.planned} planned, {report.landed} landed, {report.failed} failed"
    print(f"{counts}; {len(vendor.tasks)} tasks, {len(vendor.requests)} calls, {dict(vendor.random_faults)}")  # noqa: T201
    return report


def heal(deployment: Deployment) -> None:
    """Runs of later days, until there is nothing more to do."""
    for _ in range(MOST_RUNS_TO_HEAL):
        deployment.engine.forget_names()
        if told(deployment, archive(deployment, DAYS).output).planned == 0:
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
