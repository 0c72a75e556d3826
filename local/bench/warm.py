"""Warm poll-status: what one look takes of the processor, against the official SDK's."""

import json
import sys
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from local.artifact import build_code, build_dependencies
from local.bench.measuring import Measure, interleaved, measured, median, ratio
from local.bench.results import Goal, Section
from local.standin import (
    DEMO_ACCESS_KEY,
    DEMO_PROJECT_ID,
    DEMO_REGION,
    DEMO_SECRET_KEY,
    VendorStandIn,
)
from local.standin.probe import Probe
from workspace_exports.core.clock import to_wire, utc_now

_HERE = Path(__file__).parent
_CALLS = 300
_AT_MOST = 0.5
_A_DAY_SECONDS = 86_400.0


def run(rounds: int) -> Section:
    """Finished tasks for both; for ours also one that is still being made, where it looks into the archive as well."""
    with (
        tempfile.TemporaryDirectory() as home,
        VendorStandIn(task_seconds=0) as done,
        VendorStandIn(task_seconds=_A_DAY_SECONDS) as making,
    ):
        taken = interleaved(
            {
                "SDK, list_export_tasks": lambda: _peer(done, home),
                "httpx, a bare GET": lambda: _floor(done, home),
                "poll-status, task finished": lambda: _ours(done, home),
                "poll-status, still creating": lambda: _ours(making, home),
            },
            rounds,
        )
    reference = taken["SDK, list_export_tasks"]
    ratios = {name: ratio(measures, reference, _seconds) for name, measures in taken.items()}
    return Section(
        title="Warm poll-status",
        text=(
            f"Processor time of one of {_CALLS} calls in one process, against one server over loopback. Ours is the "
            "whole handler: event, settings, call, answer, metrics and log; the SDK's is `list_export_tasks` alone. "
            "A bare GET of httpx, unsigned and refused, is the floor below ours. "
            "For a task that is still being made, ours looks into the archive (here a folder) as well."
        ),
        columns=("call", "ratio", "milliseconds", "first call, milliseconds"),
        rows=tuple(
            (
                name,
                f"{ratios[name]:.2f}",
                f"{median(measures, _seconds) * 1000:.2f}",
                f"{median(measures, lambda measure: measure.told['first_seconds']) * 1000:.0f}",
            )
            for name, measures in taken.items()
        ),
        goals=tuple(
            Goal(what=name, seen=seen, at_most=_AT_MOST) for name, seen in ratios.items() if name.startswith("poll")
        ),
    )


def _seconds(measure: Measure) -> float:
    return float(measure.told["seconds"])


def _environment(vendor: VendorStandIn, home: str) -> dict[str, str]:
    return {
        "HOME": home,
        "ARCHIVE_URL": Path(home).as_uri(),
        "AWS_LAMBDA_FUNCTION_NAME": "poll-status",
        "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
        "HUAWEICLOUD_SDK_PROJECT_ID": DEMO_PROJECT_ID,
        "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
        "WORKSPACE_ENDPOINT": vendor.url,
        "WORKSPACE_REGION": DEMO_REGION,
    }


def _ours(vendor: VendorStandIn, home: str) -> Measure:
    handler = (str(build_code()), "functions.poll_status.app", str(_CALLS))
    command = _python("repeater.py", *handler, isolation="-I")
    return measured(command, _environment(vendor, home), json.dumps(_event(vendor)))


def _peer(vendor: VendorStandIn, home: str) -> Measure:
    environment = _environment(vendor, home) | {"PYTHONPATH": str(build_dependencies("peers"))}
    return measured(_python("peers/sdk_list.py", vendor.url, _task(vendor), str(_CALLS)), environment)


def _floor(vendor: VendorStandIn, home: str) -> Measure:
    environment = {"HOME": home, "PYTHONPATH": str(build_code())}
    return measured(
        [sys.executable, "-S", "-B", _HERE / "peers" / "httpx_get.py", vendor.url, str(_CALLS)], environment
    )


def _python(script: str, *arguments: str, isolation: str = "-P") -> list[str]:
    return [sys.executable, isolation, "-S", "-B", str(_HERE / script), *arguments]


def _event(vendor: VendorStandIn) -> Mapping[str, str]:
    now = utc_now()
    return {
        "kind": "connection-records",
        "project_id": DEMO_PROJECT_ID,
        "day": (now - timedelta(days=2)).date().isoformat(),
        "task_id": _task(vendor),
        "ordered_at": to_wire(now),
    }


def _task(vendor: VendorStandIn) -> str:
    """The one task there is, ordered by the first who asks."""
    if not vendor.tasks:
        day = (utc_now() - timedelta(days=2)).date()
        with Probe(vendor.url) as probe:
            probe.create("connection-records", start_time=f"{day}T00:00:00Z", end_time=f"{day}T23:59:59Z")
    return vendor.tasks[0].task_id
