"""What is deployed is whole: each handler works with the artifact and the standard library alone."""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from local.artifact import ROOT, build
from local.artifact.pruning import UNUSED
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.server import VendorStandIn
from tests.support.builders.http_events import http_event
from tests.support.checks.leaks import CANARIED

SCRIPT = ROOT / "tests" / "support" / "processes" / "isolated_artifact.py"
FUNCTIONS = sorted(app.parent.name for app in (ROOT / "functions").glob("*/app.py"))


@pytest.fixture(scope="module")
def code() -> Path:
    return build().code


def isolated(code: Path, function: str, environment: Mapping[str, str], event: object = None) -> Any:
    """What a fresh process of the function answers; without an event it is imported only."""
    run = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-I", "-S", "-B", SCRIPT, code, f"functions.{function}.app"],
        env=environment,
        input="" if event is None else json.dumps(event),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout.splitlines()[-1])
    assert told["elsewhere"] == []
    return told["answer"]


@pytest.mark.check
@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_can_be_imported(code: Path, function: str) -> None:
    isolated(code, function, {})


def test_an_export_goes_through_the_http_api(code: Path, tmp_path: Path) -> None:
    with VendorStandIn(contents=CANARIED, task_seconds=0) as vendor:
        environment = {
            "WORKSPACE_REGION": DEMO_REGION,
            "WORKSPACE_ENDPOINT": vendor.url,
            "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
            "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
            "HUAWEICLOUD_SDK_PROJECT_ID": DEMO_PROJECT_ID,
            "ARCHIVE_URL": tmp_path.as_uri(),
        }
        order = http_event("POST", "/exports", json.dumps({"kind": "hosts"}))
        ordered = isolated(code, "start_export", environment, order)
        assert ordered["statusCode"] == 202
        path = ordered["headers"]["Location"]
        seen = isolated(code, "poll_status", environment, http_event("GET", path))
        assert (seen["statusCode"], json.loads(seen["body"])["status"]) == (200, "SUCCESS")
        landed = isolated(code, "fetch_file", environment, http_event("POST", f"{path}/file"))
        assert landed["statusCode"] == 200
        key = json.loads(landed["body"])["archived"]["key"]
        assert (tmp_path / key).read_bytes() == vendor.report(vendor.tasks[0].task_id)


@pytest.mark.parametrize(("accept", "begins"), [("application/json", "{"), ("text/html", "<!doctype html>")])
def test_the_coverage_is_told_to_programs_and_to_people(code: Path, tmp_path: Path, accept: str, begins: str) -> None:
    environment = {"WORKSPACE_REGION": DEMO_REGION, "ARCHIVE_URL": tmp_path.as_uri()}
    shown = isolated(code, "show_coverage", environment, http_event("GET", "/coverage", headers={"accept": accept}))
    assert shown["statusCode"] == 200
    assert shown["body"].lower().startswith(begins)


@pytest.mark.check
@pytest.mark.parametrize("pattern", [pattern for pattern in UNUSED if "__pycache__" not in pattern])
def test_what_no_function_needs_is_not_there(code: Path, pattern: str) -> None:
    assert list(code.glob(pattern)) == []


def test_all_of_it_is_compiled(code: Path) -> None:
    scripts = list(code.rglob("*.py"))
    assert [file for file in scripts if not Path(importlib.util.cache_from_source(str(file))).is_file()] == []
    assert len(list(code.rglob("*.pyc"))) == len(scripts) > 0


@pytest.mark.check
def test_every_dependency_can_be_recognised_and_its_licence_read(code: Path) -> None:
    lock = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    pins = re.compile(r"^([\w-]+)==(\S+)", re.MULTILINE)
    pinned = {f"{name.replace('-', '_')}-{version}" for name, version in pins.findall(lock)}
    left_out = {pin for pin in pinned if f"{pin.rpartition('-')[0]}-*.dist-info" in UNUSED}
    recognised = {file.parent.name.removesuffix(".dist-info") for file in code.glob("*.dist-info/METADATA")}
    assert recognised == pinned - left_out
    for info in code.glob("*.dist-info"):
        metadata = (info / "METADATA").read_text(encoding="utf-8")
        named = re.search(r"^(License-Expression|Classifier: License ::)", metadata, re.MULTILINE)
        assert list(info.rglob("LICENSE*")) or named, f"{info.name} has no licence"
