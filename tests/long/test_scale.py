"""Windows of twenty projects, with every tenth call to the vendor failing: all land, each once.

SCALE_WINDOWS=1000 for the thousand, which take five minutes.
"""

import os
from typing import Any

import pytest

from local.engine import Execution
from local.engine.state_machines import STATE_PAYLOAD_LIMIT_BYTES
from tests.long.fleet import PROJECTS, archive, deploying, each_window_once, last_days
from workspace_exports.coverage.reports import Report

pytestmark = pytest.mark.nightly

WINDOWS = int(os.environ.get("SCALE_WINDOWS", "200"))
KINDS = ("connection-records", "app-user-access")
DAYS = last_days(WINDOWS // len(PROJECTS) // len(KINDS))


def test_all_land_each_once_though_every_tenth_call_fails() -> None:
    with deploying(KINDS, fault_rate=0.1, fault_seed=5) as deployment:
        execution, vendor = archive(deployment, DAYS), deployment.vendor
        assert execution.status == "SUCCEEDED", execution.cause
        report = Report.model_validate(execution.output)
        print(f"{report.planned} windows, {len(vendor.tasks)} tasks, faults met: {dict(vendor.random_faults)}")  # noqa: T201
        assert (report.planned, report.landed) == (len(PROJECTS) * len(KINDS) * len(DAYS), report.planned)
        assert max(_carried(execution)) < STATE_PAYLOAD_LIMIT_BYTES / 100
        assert sum(vendor.random_faults.values()) > len(vendor.requests) / 20
        each_window_once(deployment.objects(), KINDS, DAYS)


def _carried(execution: Execution) -> list[int]:
    """How much each state took and gave."""
    details: list[Any] = [part for event in execution.events for part in event.values() if isinstance(part, dict)]
    return [len(part[name]) for part in details for name in ("input", "output") if name in part]
