"""`run` over 1,000 missing days of 20 projects while every tenth call fails and the vendor admits only so many.

RUN_DAYS=50 for another number of days of each project.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from local.artifact import ROOT
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.quota import Quota
from local.standin.server import VendorStandIn
from tests.long.fleet import PROJECTS
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

pytestmark = pytest.mark.nightly

KINDS = ("connection-records", "app-user-access")
DAYS = int(os.environ.get("RUN_DAYS", "25"))
LAST = (utc_now() - LATE_DATA).date() - timedelta(days=1)
MOST_KIB = 250 * 1024
"""Most memory of a run, however many days it plans; 130 MiB were seen."""
LIMIT = Quota(calls=100, seconds=30, tells_when=True)


def run(archive: Path, vendor: VendorStandIn) -> tuple[int, dict[str, int], int]:
    """The exit code, the report, and the most memory in KiB."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(archive.parent),
        "PYTHONPATH": str(ROOT / "shared"),
        "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
        "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
        "HUAWEICLOUD_SDK_PROJECT_ID": PROJECTS[0],
        "WORKSPACE_REGION": DEMO_REGION,
        "WORKSPACE_ENDPOINT": vendor.url,
        "ARCHIVE_TARGETS": "true",
        "ARCHIVE_URL": archive.as_uri(),
        "POLL_SHORTEST_WAIT_SECONDS": "1",
    }
    days = ("--from", str(LAST - timedelta(days=DAYS - 1)), "--to", str(LAST), "--at-once", "10")
    with (archive.parent / "report.json").open("w+") as report:
        process = subprocess.Popen(  # noqa: S603 - our own
            [sys.executable, "-m", "workspace_exports.commands", "run", "--json", *days],
            env=environment,
            stdout=report,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        report.seek(0)
        return process.returncode, json.load(report), usage.ru_maxrss


def test_every_day_lands_within_the_vendors_limit_and_in_little_memory(tmp_path: Path) -> None:
    archive, planned = tmp_path / "archive", len(PROJECTS) * len(KINDS) * DAYS
    archive.mkdir()
    targets = [{"project_id": project, "kinds": list(KINDS)} for project in PROJECTS]
    (archive / "targets.json").write_text(json.dumps({"targets": targets}))
    with VendorStandIn(
        task_seconds=0.05, report_rows=1, further_project_ids=PROJECTS, fault_rate=0.1, fault_seed=1, quota=LIMIT
    ) as vendor:
        code, report, memory_kib = run(archive, vendor)
        print(report, f"{memory_kib / 1024:.0f} MiB", Counter(call.status for call in vendor.requests))  # noqa: T201
        assert sum(vendor.random_faults.values()) > planned / 10
        assert any(call.status == 429 for call in vendor.requests)
        if code:
            # What failed is left to the next run, as on AWS.
            assert report["failed"] < planned / 100
            code, report, _ = run(archive, vendor)
        assert (code, report["failed"]) == (0, 0)
    manifests = [json.loads(file.read_bytes()) for file in (archive / "manifests").rglob("*.json")]
    windows = Counter((one["project_id"], one["kind"], one["window"]["day"]) for one in manifests)
    assert (len(windows), set(windows.values())) == (planned, {1})
    assert memory_kib < MOST_KIB
