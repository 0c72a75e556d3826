"""schemathesis against the API's description and the gateway: thousands of calls, right and wrong."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.artifact import ROOT, build
from local.engine import LocalEngine, Stack, deploy
from local.engine.bundle import store_credentials
from local.openapi import describe
from local.standin.accounts import DEMO_PROJECT_ID, DEMO_REGION
from local.standin.server import VendorStandIn
from tests.support.checks.leaks import CANARIED
from tests.support.fixtures.deployment import WAIT_SCALE
from workspace_exports.archive.manifests import Manifest, ManifestWindow
from workspace_exports.core.clock import utc_now
from workspace_exports.exports import EXPORTS, Window

pytestmark = pytest.mark.nightly

_UNDEMANDED = [
    "ignored_auth",  # the engine takes any signature
    "unsupported_method",  # API Gateway answers 404
    "positive_data_acceptance",  # windows and rules between filters are beyond a schema
]
_SIGNED = "Authorization: AWS4-HMAC-SHA256 Credential=test/20261122/us-east-1/execute-api/aws4_request"


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """A deployment whose archive lacks nothing, so that a run which is started has nothing to order."""
    with VendorStandIn(contents=CANARIED, task_seconds=0) as vendor, LocalEngine(wait_scale=WAIT_SCALE) as engine:
        parameters = {
            "WorkspaceRegion": DEMO_REGION,
            "WorkspaceProjectId": DEMO_PROJECT_ID,
            "CredentialsSecretArn": store_credentials(engine),
            "WorkspaceEndpoint": vendor.url,
            "VendorAttempts": "1",
            "ScheduleState": "DISABLED",
        }
        stack = deploy(engine, ROOT / "template.yaml", parameters, build())
        _fill(engine, stack)
        yield stack


def _fill(engine: LocalEngine, stack: Stack) -> None:
    bucket, _, prefix = stack.outputs["ArchiveUrl"].removeprefix("s3://").partition("/")
    storage, now = engine.client("s3"), utc_now()
    for kind, export in EXPORTS.items():
        for days in range(1, export.window.last_days + 1):
            day = now.date() - timedelta(days=days)
            body = _manifest(kind, day, now).model_dump_json().encode()
            key = f"manifests/kind={kind}/project_id={DEMO_PROJECT_ID}/day={day}.json"
            storage.put_object(Bucket=bucket, Key=f"{prefix}/{key}", Body=body)


def _manifest(kind: str, day: date, at: datetime) -> Manifest:
    window = Window.of_day(day)
    return Manifest(
        kind=kind,
        project_id=DEMO_PROJECT_ID,
        window=ManifestWindow(day=day, start_time=window.start, end_time=window.end),
        filters={},
        settled=True,
        outcome="landed",
        task_id=f"{kind}-{day}",
        file_name="some.xlsx",
        key=f"data/kind={kind}/project_id={DEMO_PROJECT_ID}/day={day}/some.xlsx",
        size_bytes=1,
        sha256="0" * 64,
        format="xlsx",
        ordered_at=at,
        landed_at=at,
        vendor_request_ids={},
    )


def fuzz(stack: Stack, folder: Path, *options: str) -> dict[str, Any]:
    """What schemathesis reports of one run; its own words are on the terminal."""
    document, report = folder / "openapi.json", folder / "report.json"
    described = describe(utc_now().date() - timedelta(days=2), stack.http_url)
    # Of any other project the vendor says that it is none of ours, which is 502 and beyond a schema.
    described["components"]["schemas"]["StartRequest"]["properties"]["project_id"]["enum"] = [DEMO_PROJECT_ID]
    document.write_text(json.dumps(described))
    command = [sys.executable, "-m", "schemathesis.cli", "run", str(document), "--url", stack.http_url or ""]
    told = [
        "-H",
        _SIGNED,
        "--continue-on-failure",
        "--seed",
        "1",
        "--report",
        "json",
        "--report-json-path",
        str(report),
    ]
    subprocess.run([*command, *told, *options], cwd=folder, check=False)  # noqa: S603 - the tool's own words
    result: dict[str, Any] = json.loads(report.read_text())
    return result


def test_no_call_is_answered_otherwise_than_described(stack: Stack, tmp_path: Path) -> None:
    unsaid = ["--exclude-checks", ",".join(_UNDEMANDED)]
    result = fuzz(stack, tmp_path, "--exclude-path", "/archive-runs", "-n", "120", *unsaid)
    assert (result["exit_code"], result["failures"], result["errors"]) == (0, [], [])
    assert result["operations"]["tested"] == 4
    assert result["test_cases"]["generated"] >= 2000


def test_a_browser_is_answered_as_described_too(stack: Stack, tmp_path: Path) -> None:
    unsaid = ["--exclude-checks", ",".join(_UNDEMANDED)]
    result = fuzz(stack, tmp_path, "--include-path", "/coverage", "-n", "50", "-H", "Accept: text/html", *unsaid)
    assert (result["exit_code"], result["failures"], result["errors"]) == (0, [], [])


def test_nor_is_one_that_starts_a_run(stack: Stack, tmp_path: Path) -> None:
    """What the workflow makes of the input is not this call's to say."""
    unsaid = ["--exclude-checks", ",".join([*_UNDEMANDED, "negative_data_rejection"])]
    result = fuzz(stack, tmp_path, "--include-path", "/archive-runs", "-n", "30", *unsaid)
    assert (result["exit_code"], result["failures"], result["errors"]) == (0, [], [])
    assert result["test_cases"]["generated"] >= 30
