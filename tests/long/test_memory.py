"""A gigabyte needs no more memory than a megabyte, whatever it lands on."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from local.artifact import ROOT
from local.bench.rclone import ACCESS_KEY, SECRET_KEY, serve_s3
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.server import VendorStandIn
from tests.support.checks.leaks import CANARIED
from tests.support.servers.probe import Probe

pytestmark = pytest.mark.long

MIB = 1024 * 1024
ALLOWANCE = 48 * MIB
DAY = "2026-11-20"


@pytest.fixture(params=[pytest.param("folder", marks=pytest.mark.nightly), "s3"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """A folder, and an S3 that checks signatures."""
    if request.param == "folder":
        yield {"ARCHIVE_URL": tmp_path.as_uri()}
        return
    (tmp_path / "archive").mkdir()
    with serve_s3(tmp_path) as endpoint:
        yield {
            "ARCHIVE_URL": "s3://archive/exports",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": "us-east-1",
        }


def event(vendor: VendorStandIn, task_id: str) -> dict[str, Any]:
    return {
        "environment": {"WORKSPACE_ENDPOINT": vendor.url},
        "event": {
            "kind": "connection-records",
            "project_id": DEMO_PROJECT_ID,
            "day": DAY,
            "filters": {"user_name": task_id},
            "task_id": task_id,
            "ordered_at": "2026-11-22T00:00:00Z",
            "status": "SUCCESS",
            "file_name": "records.xlsx",
        },
    }


def fetched(vendors: list[VendorStandIn], archive: dict[str, str]) -> list[dict[str, Any]]:
    """What one process told of a task of each vendor, in order."""
    lines = [json.dumps(event(vendor, vendor.tasks[0].task_id)) for vendor in vendors]
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'shared'}:{ROOT}",
        "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
        "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
        "WORKSPACE_REGION": DEMO_REGION,
    }
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.processes.fetch_memory"],
        cwd=ROOT,
        env=environment | archive,
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stderr.splitlines()]


def ordered(vendor: VendorStandIn) -> VendorStandIn:
    with Probe(vendor.url) as probe:
        probe.create("connection-records", start_time=f"{DAY}T00:00:00Z", end_time=f"{DAY}T23:59:59Z")
    return vendor


def test_a_gigabyte_takes_no_more_memory_than_a_megabyte(archive: dict[str, str]) -> None:
    with (
        VendorStandIn(contents=CANARIED, task_seconds=0, report_padding_bytes=MIB) as small,
        VendorStandIn(contents=CANARIED, task_seconds=0, report_padding_bytes=1024 * MIB) as large,
    ):
        one, many = fetched([ordered(small), ordered(large)], archive)
        for vendor, told in ((small, one), (large, many)):
            assert told["archived"]["outcome"] == "landed"
            assert told["archived"]["sha256"] == sha256(vendor.report(vendor.tasks[0].task_id)).hexdigest()
    growth = many["peak_bytes"] - one["peak_bytes"]
    print(f"{one['peak_bytes'] / MIB:.0f} MiB for 1 MiB, {growth / MIB:+.0f} MiB for 1 GiB")  # noqa: T201
    assert many["archived"]["size_bytes"] > 1024 * MIB
    assert growth <= ALLOWANCE
