"""`run`: every missing day lands, once, whatever ends the process; into a folder and into S3."""

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from local.artifact import ROOT
from local.engine.polling import poll
from local.standin.clock import SettableClock
from local.standin.faults.fates import fails
from local.standin.server import VendorStandIn
from tests.support.commands import run, without_waits
from workspace_exports.commands.archive_workflow import ArchiveWorkflow
from workspace_exports.commands.command_settings import CommandSettings
from workspace_exports.commands.export_workflow import ExportWorkflow
from workspace_exports.core.clock import utc_now
from workspace_exports.coverage.plans import PlanRequest
from workspace_exports.exports.windows import LATE_DATA
from workspace_exports.storage.store import Store

LAST = (utc_now() - LATE_DATA).date() - timedelta(days=1)
"""The last day that has settled."""
SEED = ("connection-records", "app-user-access")
KINDS = ("--kinds", ",".join(SEED))
FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)


def since(days: int) -> tuple[str, ...]:
    """The options for so many days of both seed exports."""
    return (*KINDS, "--from", str(LAST - timedelta(days=days - 1)), "--to", str(LAST))


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The program in a process of its own."""
    command = [sys.executable, "-m", "workspace_exports.commands", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "shared"), "POLL_SHORTEST_WAIT_SECONDS": "1"}
    with subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def manifests(store: Store) -> list[dict[str, Any]]:
    return [json.loads(store.read(key) or b"") for key in store.keys("manifests/")]


def windows(store: Store) -> Counter[tuple[str, str]]:
    """How many manifests there are of each kind and day."""
    return Counter((one["kind"], one["window"]["start_time"][:10]) for one in manifests(store))


class TestARun:
    @pytest.fixture(autouse=True)
    def waits(self, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
        environment.setenv("HOME", str(tmp_path))
        without_waits(environment)

    def test_lands_every_missing_day_reports_and_writes_the_page(
        self, vendor: VendorStandIn, store: Store, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("run", *since(2)) == 0
        shown = capsys.readouterr()
        assert "4 planned, 4 landed, 0 already there" in shown.out
        assert Counter(line.split()[0] for line in shown.err.splitlines()) == {"Run": 1, "landed": 4}
        assert len(vendor.tasks) == len(manifests(store)) == 4
        assert b"</html>" in (store.read("coverage.html") or b"")
        assert run("verify") == 0

        assert run("run", *since(2), "--json") == 0
        told = json.loads(capsys.readouterr().out.partition("Everything is intact.\n")[2])
        assert (told["planned"], told["is_complete"]) == (0, True)
        assert json.loads(store.read(f"runs/{told['run']}/report.json") or b"") == told
        assert len(vendor.tasks) == 4

    @FOLDER
    def test_a_day_that_fails_is_named_and_the_others_land(
        self, vendor: VendorStandIn, store: Store, capsys: pytest.CaptureFixture[str]
    ) -> None:
        vendor.script("connection-records", *[fails("a bad day", "WKS.0042")] * 2)
        assert run("run", *since(2), "--at-once", "1") == 1
        shown = capsys.readouterr()
        assert "4 planned, 3 landed" in shown.out
        assert "1 failed" in shown.out
        assert "TaskFailed: The vendor ended the task with FAIL" in shown.err
        assert len(list(store.keys("failures/"))) == 1
        assert run("coverage") == 1
        assert "failed" in capsys.readouterr().out
        assert run("run", *since(2)) == 0
        assert set(windows(store).values()) == {1}

    @FOLDER
    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (("--kinds", "connection-record"), "did you mean connection-records"),
            (("--kinds", "desktops"), "desktops is a snapshot of now"),
            (("--from", "2020-01-01"), "out of the vendor's reach"),
            (("--from", "today"), "first_day"),
            (("--from", "2026-11-20", "--to", "2026-11-01"), "swap them"),
            (("--project", "another"), "project_id another is in no target"),
            (("--at-once", "11"), "less than or equal to 10"),
            (("--archive", "ftp://host/x"), "neither s3://bucket/prefix nor file:///path"),
        ],
    )
    def test_a_mistake_is_told_in_a_sentence(
        self, arguments: tuple[str, ...], says: str, vendor: VendorStandIn, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("run", *arguments) == 2
        assert says in " ".join(capsys.readouterr().err.replace("│", "").split())
        assert vendor.requests == ()

    @FOLDER
    def test_only_the_kinds_of_the_settings_are_archived_and_expected(
        self, environment: pytest.MonkeyPatch, store: Store, capsys: pytest.CaptureFixture[str]
    ) -> None:
        environment.setenv("ARCHIVE_KINDS", "app-user-access, connection-records")
        assert run("plan", "--json") == 0
        planned = json.loads(capsys.readouterr().out)
        assert {day["kind"] for day in planned["planned"]} == set(SEED)
        assert list(store.keys("")) == []
        assert run("run", "--from", str(LAST), "--to", str(LAST)) == 0
        assert {kind for kind, _ in windows(store)} == set(SEED)
        capsys.readouterr()
        run("coverage", "--json")
        assert {one["kind"] for one in json.loads(capsys.readouterr().out)["series"]} == set(SEED)

    @FOLDER
    def test_two_at_once_do_no_harm(self, vendor: VendorStandIn, store: Store) -> None:
        request = PlanRequest(kinds=list(SEED), first_day=LAST - timedelta(days=3), last_day=LAST)

        def whole_run() -> int:
            workflow = ArchiveWorkflow(ExportWorkflow(CommandSettings.read(os.environ)))
            planned = workflow.plan(request)
            assert all(day.end.archived for day in workflow.export(planned))
            return workflow.report(planned).report.failed

        with ThreadPoolExecutor(2) as two:
            assert [one.result() for one in [two.submit(whole_run), two.submit(whole_run)]] == [0, 0]
        assert len(windows(store)) == 8
        assert set(windows(store).values()) == {1}
        assert run("verify") == 0


@FOLDER
class TestAStoppedRun:
    @pytest.fixture
    def clock(self) -> SettableClock:
        return SettableClock(utc_now())

    @pytest.fixture
    def vendor(self, clock: SettableClock) -> Iterator[VendorStandIn]:
        """A vendor that takes ten minutes for a file; of its clock, signatures allow fifteen."""
        with VendorStandIn(task_seconds=600, clock=clock) as vendor:
            yield vendor

    @pytest.mark.parametrize(
        "number",
        [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.check)],
        ids=lambda number: number.name,
    )
    def test_ends_with_130_records_no_failure_and_the_next_one_resumes(
        self,
        number: signal.Signals,
        environment: pytest.MonkeyPatch,
        vendor: VendorStandIn,
        clock: SettableClock,
        store: Store,
        tmp_path: Path,
    ) -> None:
        environment.setenv("HOME", str(tmp_path / "home"))
        with started("run", *since(2)) as process:
            poll(lambda: len(vendor.tasks) == 4 or None, timeout_seconds=60, waiting_for="four orders")
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        assert process.returncode == 130
        assert (out, err.splitlines()[1:]) == (
            "",
            ["Interrupted. The archive is whole. Start the command again to resume."],
        )
        assert list(store.keys("failures/")) == []
        clock.advance(seconds=700)
        without_waits(environment)
        assert run("run", *since(2)) == 0
        assert len(vendor.tasks) == 4
        assert set(windows(store).values()) == {1}


def killed(vendor: VendorStandIn, calls: int, *arguments: str) -> bool:
    """Kill a run with SIGKILL after so many calls of the vendor; False if it ended before."""
    begun = len(vendor.requests)
    with started(*arguments) as process:
        poll(
            lambda: len(vendor.requests) >= begun + calls or process.poll() is not None or None,
            timeout_seconds=120,
            waiting_for=f"{calls} calls",
        )
        process.kill()
        process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("kills", "days"), [pytest.param(5, 10, marks=pytest.mark.long), pytest.param(20, 28, marks=pytest.mark.nightly)]
)
@pytest.mark.parametrize("archive_url", ["folder", "s3"], indirect=True)
def test_a_run_that_is_killed_at_random_moments_loses_and_doubles_nothing(
    kills: int, days: int, environment: pytest.MonkeyPatch, vendor: VendorStandIn, store: Store, tmp_path: Path
) -> None:
    environment.setenv("HOME", str(tmp_path / "home"))
    dice = random.Random(int(os.environ.get("SEED", "1")))  # noqa: S311 - a schedule
    whole = ("run", *since(days), "--at-once", "10")
    # A killed run leaves some way to go: each kill comes within what the days that are left need.
    moments = [dice.randint(1, 3 * 2 * days // kills) for _ in range(kills)]
    died = [killed(vendor, calls, *whole) for calls in moments]
    assert all(died)
    with started(*whole) as process:
        out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "0 failed; 0 at risk, 0 lost" in out
    assert len(windows(store)) == 2 * days
    assert set(windows(store).values()) == {1}
    # One order at a time is without an answer. Its task is found again, unless an earlier kill left such an order too.
    assert 2 * days <= len(vendor.tasks) <= 2 * days + kills
    assert run("verify") == 0
    assert b"</html>" in (store.read("coverage.html") or b"")
