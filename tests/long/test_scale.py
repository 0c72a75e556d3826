"""Windows of twenty projects, with every tenth call to the vendor failing: all land, each once.

SCALE_WINDOWS=1000 for the thousand, which take five minutes.
"""

import json
import os
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from local.artifact import ROOT, build
from local.demo.stage import store_credentials
from local.engine import Execution, LocalEngine, deploy, executions
from local.engine.state_machines import STATE_PAYLOAD_LIMIT_BYTES
from local.standin import DEMO_REGION, VendorStandIn
from tests.workflow.conftest import Deployment, VendorClock
from workspace_exports.clock import utc_now
from workspace_exports.contracts.reports import Report
from workspace_exports.exports.windows import LATE_DATA

pytestmark = pytest.mark.long

WINDOWS = int(os.environ.get("SCALE_WINDOWS", "200"))
KINDS = ["connection-records", "app-user-access"]
PROJECTS = [f"{n:032x}" for n in range(1, 21)]
DAYS = WINDOWS // len(PROJECTS) // len(KINDS)
TODAY = (utc_now() - LATE_DATA).date()
TIMEOUT_SECONDS = 3600


def test_all_land_each_once_though_every_tenth_call_fails() -> None:
    with (
        VendorStandIn(
            task_seconds=0.05, report_rows=1, further_project_ids=PROJECTS, fault_rate=0.1, fault_seed=5
        ) as vendor,
        LocalEngine(wait_scale=0.02) as engine,
    ):
        parameters = {
            "WorkspaceRegion": DEMO_REGION,
            "WorkspaceProjectId": PROJECTS[0],
            "CredentialsSecretArn": store_credentials(engine),
            "WorkspaceEndpoint": vendor.url,
            "ArchiveTargets": "true",
            "PollShortestWaitSeconds": "1",
            "ScheduleState": "DISABLED",
        }
        deployment = Deployment(
            vendor, VendorClock(), engine, deploy(engine, ROOT / "template.yaml", parameters, build())
        )
        deployment.put("targets.json", {"targets": [{"project_id": project, "kinds": KINDS} for project in PROJECTS]})
        execution = _run(deployment)
        assert execution.status == "SUCCEEDED", execution.cause
        report = Report.model_validate(execution.output)
        print(f"{report.planned} windows, {len(vendor.tasks)} tasks, faults met: {dict(vendor.random_faults)}")  # noqa: T201
        assert (report.planned, report.landed) == (len(PROJECTS) * len(KINDS) * DAYS, report.planned)
        assert max(_carried(execution)) < STATE_PAYLOAD_LIMIT_BYTES / 100
        assert sum(vendor.random_faults.values()) > len(vendor.requests) / 20
        _each_window_once(deployment.objects())


def _run(deployment: Deployment) -> Execution:
    first, last = TODAY - timedelta(days=DAYS), TODAY - timedelta(days=1)
    machine = deployment.stack.outputs["ArchiveWorkflowArn"]
    request = {"first_day": str(first), "last_day": str(last)}
    return executions.run(deployment.engine, machine, request, TIMEOUT_SECONDS)


def _each_window_once(objects: dict[str, bytes]) -> None:
    """Every manifest names an object of its own, and there is no other object."""
    manifests = [json.loads(content) for key, content in objects.items() if key.startswith("manifests/")]
    windows = Counter((found["project_id"], found["kind"], found["window"]["day"]) for found in manifests)
    days = [str(TODAY - timedelta(days=n)) for n in range(1, DAYS + 1)]
    assert windows == {(project, kind, day): 1 for project in PROJECTS for kind in KINDS for day in days}
    assert sorted(found["key"] for found in manifests) == sorted(key for key in objects if key.startswith("data/"))


def _carried(execution: Execution) -> list[int]:
    """How much each state took and gave."""
    details: list[Any] = [part for event in execution.events for part in event.values() if isinstance(part, dict)]
    return [len(part[name]) for part in details for name in ("input", "output") if name in part]
