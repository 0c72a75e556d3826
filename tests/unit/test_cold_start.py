"""A cold start pays for what the function uses, and for nothing else."""

import subprocess
import sys
from functools import cache

import pytest

from local.artifact import ROOT

WAYS_TO_SIGN_IN = {
    "configparser",
    "workspace_exports.aws",
    "workspace_exports.vendor.credentials.profile",
    "workspace_exports.vendor.credentials.secret",
    "workspace_exports.vendor.iam",
    "workspace_exports.vendor.tokens",
}


@cache
def imported_by(module: str) -> set[str]:
    code = f"import sys, {module}; print(*sys.modules)"
    run = subprocess.run(  # noqa: S603 - our own
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'shared'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.split())


@pytest.mark.parametrize(
    "function", ["start_export", "poll_status", "fetch_file", "plan_archive", "record_failure", "show_coverage"]
)
def test_no_way_to_sign_in_is_imported_before_it_is_used(function: str) -> None:
    assert not imported_by(f"functions.{function}.app") & WAYS_TO_SIGN_IN


@pytest.mark.parametrize("function", ["plan_archive", "record_failure", "show_coverage"])
def test_what_calls_no_vendor_brings_no_http_client(function: str) -> None:
    assert "httpx" not in imported_by(f"functions.{function}.app")
