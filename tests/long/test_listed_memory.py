"""A day of a quarter of a million user events, whose list moves while every page of it fails once."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.artifact import ROOT
from local.faults.connections import LOSE_ANSWER, NORMALLY
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.faults.answers import html_page, server_error
from local.standin.faults.mishaps import Truncate
from local.standin.server import VendorStandIn
from local.standin.user_events import EventBook
from workspace_exports.core.clock import utc_now

pytestmark = pytest.mark.long

MIB = 1024 * 1024
ALLOWANCE = 64 * MIB
DAY = utc_now().date() - timedelta(days=3)
FAULTS = (server_error(503), html_page(502), Truncate(1000), LOSE_ANSWER)
LIST = "user-events"


def event(vendor: VendorStandIn, day: date) -> dict[str, Any]:
    return {
        "environment": {"WORKSPACE_ENDPOINT": vendor.url},
        "event": {
            "kind": LIST,
            "project_id": DEMO_PROJECT_ID,
            "day": str(day),
            "task_id": f"list-{day}",
            "ordered_at": f"{day + timedelta(days=2)}T00:00:00Z",
            "status": "SUCCESS",
            "file_name": "user-events.ndjson",
        },
    }


def fetched(vendor: VendorStandIn, archive: Path, days: list[date]) -> list[dict[str, Any]]:
    """What one process reports of each day, in order."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{ROOT / 'shared'}:{ROOT}",
        "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
        "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
        "WORKSPACE_REGION": DEMO_REGION,
        "ARCHIVE_URL": archive.as_uri(),
    }
    lines = (json.dumps(event(vendor, day)) for day in days)
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.processes.fetch_memory"],
        cwd=ROOT,
        env=environment,
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return [json.loads(line) for line in run.stderr.splitlines()]


@pytest.mark.parametrize("events", [25_000, pytest.param(247_000, marks=pytest.mark.nightly)])
def test_a_large_day_has_each_event_once_in_64_mebibytes_more_than_a_small_day(events: int, tmp_path: Path) -> None:
    small = DAY - timedelta(days=1)
    book = EventBook(per_day=100, canaries=True, restless=True)
    with VendorStandIn(events=book) as vendor:
        assert len(book.events(DEMO_PROJECT_ID, small)) == 100
        book.per_day, book.burst = events, 3_000
        vendor.script(
            LIST,
            *[NORMALLY] * 2,
            *[each for _ in range(events // 1000) for fault in FAULTS for each in (fault, NORMALLY)],
        )
        one, many = fetched(vendor, tmp_path, [small, DAY])
    expected = Counter(json.dumps(event, sort_keys=True) for event in book.events(DEMO_PROJECT_ID, DAY))
    found: Counter[str] = Counter()
    with (tmp_path / many["archived"]["key"]).open(encoding="utf-8") as file:
        found.update(json.dumps(json.loads(line), sort_keys=True) for line in file)
    growth = many["peak_bytes"] - one["peak_bytes"]
    size, calls = many["archived"]["size_bytes"] / MIB, len(vendor.calls(LIST))
    print(f"{events + 3_000} events: {calls} calls, {size:.0f} MiB in the archive, {growth / MIB:+.0f} MiB")  # noqa: T201
    assert found == expected
    assert growth <= ALLOWANCE
