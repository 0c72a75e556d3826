"""`make demo`, run as a user runs it: it archives what it says, and leaves nothing running however it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from local.artifact import ROOT
from local.engine.polling import poll
from workspace_exports.archive.store import open_store
from workspace_exports.contracts.manifest import Manifest

OUTCOMES_SECONDS = 60


@contextmanager
def demo(folder: Path, *options: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "local.demo", "--folder", str(folder), *options]
    environment = os.environ | {"PYTHONPATH": f"{ROOT / 'shared'}:{ROOT}", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(  # noqa: S603 - our own
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_it_archives_what_it_says(tmp_path: Path) -> None:
    with demo(tmp_path, "--days", "1", "--task-seconds", "0.2") as process:
        output, _ = process.communicate(timeout=OUTCOMES_SECONDS)
    assert process.returncode == 0, output
    assert "2 planned, 0 running, 2 archived, 0 failed" in output
    assert "All 2 exports archived and verified." in output
    manifests = list((tmp_path / "archive" / "manifests").rglob("*.json"))
    assert len(manifests) == 2
    store = open_store((tmp_path / "archive").as_uri())
    for path in manifests:
        manifest = Manifest.model_validate_json(path.read_bytes())
        assert sum(map(len, store.chunks(manifest.key or ""))) == manifest.size_bytes


def test_a_day_nobody_can_have_is_refused_with_help(tmp_path: Path) -> None:
    with demo(tmp_path, "--days", "0") as process:
        output, _ = process.communicate(timeout=OUTCOMES_SECONDS)
    assert process.returncode == 2
    assert "--days" in output


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_ended_half_way_it_leaves_no_process_behind(how: signal.Signals, tmp_path: Path) -> None:
    with demo(tmp_path, "--days", "1", "--task-seconds", "3600") as process:
        workers = poll(lambda: looking(process), timeout_seconds=OUTCOMES_SECONDS, waiting_for="the first look")
        process.send_signal(how)
        process.communicate(timeout=OUTCOMES_SECONDS)
        assert process.returncode != 0
        poll(
            lambda: all(not worker.is_running() for worker in workers) or None,
            timeout_seconds=10,
            waiting_for="the end of every worker",
        )


def looking(process: "subprocess.Popen[str]") -> list[Any] | None:
    """The demo's workers, once both an order and a look are under way."""
    children = psutil.Process(process.pid).children(recursive=True)
    return children if len(children) >= 3 else None
