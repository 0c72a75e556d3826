"""Starting and stopping, in a thread and as a program."""

import concurrent.futures
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from local.faults.connections import Hang
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.server import VendorStandIn
from tests.support.servers.probe import Probe

ROOT = Path(__file__).parents[2]


def test_a_stopped_stand_in_leaves_no_thread_and_no_listener() -> None:
    before = threading.enumerate()
    with VendorStandIn(task_seconds=0) as vendor, Probe(vendor.url) as probe:
        url = vendor.url
        probe.download(probe.create("users")).raise_for_status()
    assert threading.enumerate() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_stopping_does_not_wait_for_calls_that_hang() -> None:
    with VendorStandIn() as vendor, Probe(vendor.url) as probe:
        vendor.script("users", Hang(30))
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            hanging = pool.submit(probe.call, "users")
            while not vendor.requests:
                assert not hanging.done()
            began = time.perf_counter()
            vendor.stop()
            took = time.perf_counter() - began
            assert isinstance(hanging.exception(), httpx.TransportError)
    assert took < 15, "a call hangs for 30 s"


def test_two_stand_ins_share_nothing() -> None:
    with VendorStandIn() as one, VendorStandIn() as other, Probe(one.url) as probe:
        probe.create("users")
        assert (len(one.tasks), len(other.tasks)) == (1, 0)


def test_a_stand_in_can_be_started_again_and_remembers() -> None:
    vendor = VendorStandIn()
    for expected in (1, 2):
        with vendor, Probe(vendor.url) as probe:
            probe.create("users")
            assert len(vendor.tasks) == expected


def test_a_port_that_is_taken_is_reported_where_it_was_asked_for() -> None:
    with VendorStandIn() as vendor:
        second = VendorStandIn(port=httpx.URL(vendor.url).port or 0)
        with pytest.raises(OSError, match="in use"):
            second.start()


def test_a_stand_in_that_is_not_running_has_no_url() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        _ = VendorStandIn().url


def test_many_callers_at_once_are_all_served() -> None:
    with VendorStandIn(task_seconds=0) as vendor, Probe(vendor.url) as probe:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _: probe.create("users"), range(40)))
            files = set(pool.map(lambda task_id: probe.download(task_id).content, made))
        assert sorted(task.task_id for task in vendor.tasks) == sorted(made)
        assert len(files) == 1


@pytest.mark.parametrize("wanted", [signal.SIGINT, signal.SIGTERM])
def test_the_program_says_where_it_is_and_ends_politely(wanted: signal.Signals) -> None:
    command = [sys.executable, "-m", "local.standin", "--task-seconds", "0"]
    with subprocess.Popen(  # noqa: S603 - the command is this very program
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        lines = [program.stdout.readline().strip() for _ in range(6)]
        said = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        with Probe(said["WORKSPACE_ENDPOINT"]) as probe:
            probe.download(probe.create("users")).raise_for_status()
        program.send_signal(wanted)
        rest, errors = program.communicate(timeout=30)
    assert (program.returncode, rest, errors) == (0, "", "")
    assert {name: value for name, value in said.items() if not name.endswith("ENDPOINT")} == {
        "WORKSPACE_REGION": DEMO_REGION,
        "HUAWEICLOUD_SDK_PROJECT_ID": DEMO_PROJECT_ID,
        "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
        "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
    }
