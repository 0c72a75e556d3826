"""Hostile files take no more of a function's process than a benign one of the same length."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.artifact import ROOT
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.faults.answers import answer
from local.standin.server import VendorStandIn
from tests.support.checks.leaks import CANARIED
from tests.support.hostile import CORPUS, Lands

pytestmark = pytest.mark.long

MIB = 1024 * 1024
ALLOWANCE = 8 * MIB
LARGE = [file for file in CORPUS if isinstance(file.verdict, Lands) and len(file.make()) >= 64 * 1024]
BENIGN = b"user,ip\n" * (max(len(file.make()) for file in LARGE) // len("user,ip\n") + 1)
"""As long as the longest of them."""


def event(vendor: VendorStandIn, number: int, file_name: str) -> dict[str, Any]:
    """One fetch, each of a window of its own."""
    return {
        "environment": {"WORKSPACE_ENDPOINT": vendor.url},
        "event": {
            "kind": "connection-records",
            "project_id": DEMO_PROJECT_ID,
            "day": "2026-11-20",
            "filters": {"user_name": f"{number}"},
            "task_id": "a-task",
            "ordered_at": "2026-11-22T00:00:00Z",
            "status": "SUCCESS",
            "file_name": file_name,
        },
    }


def fetched(events: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """What one process tells of each, in order."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'shared'}:{ROOT}",
        "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
        "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
        "WORKSPACE_REGION": DEMO_REGION,
        "ARCHIVE_URL": folder.as_uri(),
    }
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.processes.fetch_memory"],
        cwd=ROOT,
        env=environment,
        input="\n".join(map(json.dumps, events)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stderr.splitlines()]


def test_hostile_files_take_no_more_of_a_process_than_a_benign_one(tmp_path: Path) -> None:
    with VendorStandIn(contents=CANARIED, task_seconds=0) as vendor:
        vendor.script("download", answer(200, BENIGN), *(answer(200, file.make()) for file in LARGE))
        files = ["records.csv", *(file.file_name for file in LARGE)]
        told = fetched([event(vendor, number, name) for number, name in enumerate(files)], tmp_path)
    benign, *hostile = told
    assert [one["archived"]["size_bytes"] for one in hostile] == [len(file.make()) for file in LARGE]
    growth = {file.name: one["peak_bytes"] - benign["peak_bytes"] for file, one in zip(LARGE, hostile, strict=True)}
    worst = max(growth, key=growth.__getitem__)
    print(f"{benign['peak_bytes'] / MIB:.0f} MiB for a benign one, {growth[worst] / MIB:+.1f} MiB at most: {worst}")  # noqa: T201
    assert growth[worst] <= ALLOWANCE
