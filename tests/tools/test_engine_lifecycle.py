"""The local engine leaves nothing behind, however it ends."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from local.artifact import ROOT, Artifact, build_ric
from local.engine import LocalEngine, deploy, executions
from local.engine.polling import poll

DATA = Path(__file__).parent.parent / "data" / "engine"


def reported_process(file: Path) -> int | None:
    return int(file.read_text() or 0) or None if file.exists() else None


def is_gone(process: int) -> bool | None:
    """True once there is no such process, or only what its parent has not collected yet."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{process}/stat")
    return (status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z") or None


def is_open(url: str) -> bool:
    address = urlsplit(url)
    with socket.socket() as probe:
        return probe.connect_ex((address.hostname, address.port)) == 0


def test_an_engine_leaves_no_thread_process_port_file_or_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    threads, environment = set(threading.enumerate()), dict(os.environ)
    with LocalEngine() as engine:
        artifact = Artifact(code=DATA, ric=build_ric())
        stack = deploy(engine, DATA / "template.yaml", {"Greeting": "hello"}, artifact)
        executions.start(engine, stack.resources["Attempt"], {"wait": 3600})
        busy = {"do": "report_and_sleep", "with": str(tmp_path / "process")}
        executions.start(engine, stack.resources["Attempt"], busy)
        process = poll(lambda: reported_process(tmp_path / "process"), timeout_seconds=30, waiting_for="the handler")
        began = time.monotonic()
    assert time.monotonic() - began < 15, "the handler takes a minute, and the execution an hour"
    assert is_gone(process)
    assert not is_open(engine.url)
    assert dict(os.environ) == environment
    assert not list(tmp_path.glob("local-engine-*"))
    poll(
        lambda: set(threading.enumerate()) <= threads or None, timeout_seconds=30, waiting_for="the end of all threads"
    )


def test_engines_follow_each_other_without_a_memory() -> None:
    for _ in range(2):
        with LocalEngine() as engine:
            assert engine.client("s3").list_buckets()["Buckets"] == []
            engine.client("s3").create_bucket(Bucket="remembered")


def test_a_second_engine_in_the_same_process_is_refused() -> None:
    with LocalEngine(), pytest.raises(RuntimeError, match="one engine at a time"), LocalEngine():
        pass


def test_a_worker_dies_with_a_killed_engine(tmp_path: Path) -> None:
    file = tmp_path / "process"
    environment = {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, DATA / "host.py", file], env=environment) as host:  # noqa: S603 - our own
        worker = poll(lambda: reported_process(file), timeout_seconds=60, waiting_for="the handler")
        host.kill()
    assert poll(lambda: is_gone(worker), timeout_seconds=30, waiting_for="the end of the worker")


@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's table of connections")
def test_an_engine_opens_one_port_on_the_loopback_address_only() -> None:
    before = set(own_listeners())
    with LocalEngine() as engine:
        assert set(own_listeners()) - before == {f"0100007F:{urlsplit(engine.url).port:04X}"}


def own_listeners() -> list[str]:
    """The TCP addresses this process listens on, as hexadecimal numbers."""
    sockets = {str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()}
    tables = "".join(Path(f"/proc/net/{table}").read_text() for table in ("tcp", "tcp6"))
    rows = [row.split() for row in tables.splitlines() if "local_address" not in row]
    return [row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in sockets]
