"""`export`, against the stand-in: into a folder and into S3, with what a waiting person is told."""

import hashlib
import json
import os
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from local.faults.connections import LOSE_ANSWER
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_SECRET_KEY
from local.standin.faults.answers import server_error, throttled
from local.standin.faults.fates import expires, fails
from local.standin.faults.mishaps import Fault, Truncate
from local.standin.server import VendorStandIn
from tests.support.builders.requests import DAY
from tests.support.commands import run, without_waits
from workspace_exports.commands.command_settings import CommandSettings
from workspace_exports.commands.export_workflow import ExportWorkflow
from workspace_exports.commands.filter_values import read_filters
from workspace_exports.commands.stopping import StoppableDeadline, wait_unless
from workspace_exports.core.deadline import Deadline
from workspace_exports.events import ArchivedExport, OrderedExport, StartRequest
from workspace_exports.lifecycle.order import start_export

RECORDS = ["connection-records", "--day", DAY]
REQUEST = {"kind": "connection-records", "day": DAY}


@pytest.fixture(autouse=True)
def waited(environment: pytest.MonkeyPatch, tmp_path: Path) -> list[float]:
    """A home of its own, and no time lost; the waits that there would be."""
    environment.setenv("HOME", str(tmp_path / "home"))
    environment.setenv("POLL_SHORTEST_WAIT_SECONDS", "1")
    environment.delenv("ARCHIVE_URL")
    return without_waits(environment)


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
class TestTheCommand:
    def test_brings_the_file_and_says_where_it_is(
        self, tmp_path: Path, vendor: VendorStandIn, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("export", *RECORDS, "--archive", str(tmp_path / "to"), "--filter", "user_name=x") == 0
        shown = capsys.readouterr()
        (manifest,) = (tmp_path / "to" / "manifests").rglob("*.json")
        document = json.loads(manifest.read_bytes())
        content = (tmp_path / "to" / document["key"]).read_bytes()
        assert content == vendor.report(document["task_id"])
        assert hashlib.sha256(content).hexdigest() == document["sha256"]
        assert document["sha256"] in shown.out
        assert document["key"] in shown.out
        assert "the vendor says SUCCESS" in shown.err

    def test_a_machine_gets_what_fetch_file_returns(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("export", *RECORDS, "--archive", str(tmp_path / "to"), "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert ArchivedExport.model_validate(told).archived.outcome == "landed"
        assert run("export", *RECORDS, "--archive", str(tmp_path / "to"), "--json") == 0
        shown = capsys.readouterr()
        assert json.loads(shown.out)["archived"]["outcome"] == "already-landed"
        assert "archived already, task" in shown.err

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["logins", "--day", DAY], "'logins' is not known"),
            (["connection-records"], "connection-records needs a window: give --day, or --from and --to"),
            (["desktops", "--day", DAY], "desktops is a snapshot of now: it takes no --day"),
            (["--day", DAY], "Missing argument 'KIND'"),
            ([*RECORDS, "--filter", "user_name"], "has no value"),
            ([*RECORDS, "--filter", "user_name=a", "--filter", "user_name=b"], "is given twice"),
            ([*RECORDS, "--filter", "min_e2e_rtt=fast"], "min_e2e_rtt must be a whole number"),
            ([*RECORDS, "--filter", "user_nam=a"], "did you mean user_name"),
            ([*RECORDS, "--day", "yesterday"], "day"),
            ([*RECORDS, "--archive", "ftp://host/x"], "neither s3://bucket/prefix nor file:///path"),
        ],
    )
    def test_a_mistake_is_told_in_a_sentence_before_the_vendor_hears_of_it(
        self,
        arguments: list[str],
        says: str,
        vendor: VendorStandIn,
        environment: pytest.MonkeyPatch,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        environment.setenv("ARCHIVE_URL", (tmp_path / "to").as_uri())
        assert run("export", *arguments) == 2
        assert says in capsys.readouterr().err
        assert vendor.requests == ()

    @pytest.mark.parametrize(
        ("given", "sent"),
        [(["min_e2e_rtt=5"], {"min_e2e_rtt": 5}), (["user_name=5"], {"user_name": "5"})],
        ids=["a number", "a text"],
    )
    def test_a_filter_has_the_type_that_the_catalogue_declares(self, given: list[str], sent: dict[str, Any]) -> None:
        assert read_filters("connection-records", given) == sent

    def test_missing_credentials_are_told_with_the_ways_to_give_them(
        self, environment: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        environment.delenv("HUAWEICLOUD_SDK_AK")
        environment.delenv("HUAWEICLOUD_SDK_SK")
        assert run("export", *RECORDS, "--archive", str(tmp_path / "to")) == 2
        assert "HUAWEICLOUD_SDK_AK" in capsys.readouterr().err

    @pytest.mark.parametrize("name", ["WORKSPACE_REGION", "ARCHIVE_URL"])
    def test_a_missing_setting_is_told_with_the_place_for_it_here(
        self, name: str, environment: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        environment.setenv("ARCHIVE_URL", (tmp_path / "to").as_uri())
        environment.delenv(name)
        assert run("export", *RECORDS) == 2
        told = capsys.readouterr().err
        assert f"{name} is missing" in told
        assert "workspace-exports doctor" in told
        assert "template.yaml" not in told

    def test_the_official_sdks_profile_is_enough(self, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_PROJECT_ID"):
            environment.delenv(name)
        profile = tmp_path / "home" / ".huaweicloud" / "credentials"
        profile.parent.mkdir(parents=True)
        profile.write_text(f"[basic]\nak={DEMO_ACCESS_KEY}\nsk={DEMO_SECRET_KEY}\nproject_id={DEMO_PROJECT_ID}\n")
        assert run("export", *RECORDS, "--archive", str(tmp_path / "to")) == 0


def test_an_archive_in_s3_or_a_folder_by_its_url(archive_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", *RECORDS, "--archive", archive_url) == 0
    assert f"{archive_url}/data/" in capsys.readouterr().out


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
class TestTheWorkflow:
    @pytest.fixture
    def told(self) -> list[str]:
        return []

    @pytest.fixture
    def workflow(self, archive_url: str, told: list[str]) -> ExportWorkflow:
        settings = CommandSettings.read(os.environ | {"ARCHIVE_URL": archive_url})
        return ExportWorkflow(settings, told.append, draw=lambda _, longest: longest)

    def test_waits_as_poll_status_says(self, workflow: ExportWorkflow, waited: list[float]) -> None:
        workflow.run(REQUEST)
        assert waited == [1]

    def test_what_passes_is_waited_out(
        self, workflow: ExportWorkflow, vendor: VendorStandIn, waited: list[float], told: list[str]
    ) -> None:
        vendor.script("connection-records", throttled("30"))
        vendor.script("list", server_error())
        vendor.script("download", Truncate(100), Truncate(0))
        assert workflow.run(REQUEST).archived.outcome == "landed"
        assert waited == [30 + 10, 1, 5, 5]
        assert "trying again in 40 s" in " ".join(told)

    @pytest.mark.parametrize("fault", [fails("no"), expires(0)])
    def test_a_task_that_comes_to_nothing_is_ordered_again(
        self, fault: Fault, workflow: ExportWorkflow, vendor: VendorStandIn, told: list[str]
    ) -> None:
        vendor.script("connection-records", fault)
        assert workflow.run(REQUEST).archived.outcome == "landed"
        assert len(vendor.tasks) == 2
        assert "ordering again, once" in " ".join(told)

    def test_an_order_that_may_have_arrived_is_looked_for_and_not_made_twice(
        self, workflow: ExportWorkflow, vendor: VendorStandIn
    ) -> None:
        vendor.script("connection-records", LOSE_ANSWER)
        vendor.script("list", server_error())
        assert workflow.run(REQUEST).archived.outcome == "landed"
        assert len(vendor.tasks) == 1

    def test_an_error_that_nobody_foresaw_is_recorded_too(
        self, workflow: ExportWorkflow, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*_: object) -> None:
            raise ZeroDivisionError("a fault of ours")

        monkeypatch.setattr("workspace_exports.commands.export_workflow.poll_status", fail)
        end = workflow.run_and_record(REQUEST)
        assert (end.error, end.archived) == ("ZeroDivisionError", None)
        assert "a fault of ours" in end.text

    def test_only_one_order_of_a_project_is_without_an_answer(
        self, workflow: ExportWorkflow, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        held: list[bool] = []

        def start(request: StartRequest, settings: CommandSettings, deadline: Deadline) -> OrderedExport:
            held.append(workflow.orders[request.project_id].locked())
            return start_export(request, settings, deadline)

        monkeypatch.setattr("workspace_exports.commands.export_workflow.start_export", start)
        workflow.run(REQUEST)
        workflow.run(REQUEST | {"project_id": DEMO_PROJECT_ID})
        assert held == [True, True]
        assert {project: lock.locked() for project, lock in workflow.orders.items()} == {
            None: False,
            DEMO_PROJECT_ID: False,
        }

    def test_a_stopped_export_is_no_failure(self, workflow: ExportWorkflow, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("workspace_exports.commands.export_workflow.wait_unless", wait_unless)
        workflow.stopped.set()
        with pytest.raises(KeyboardInterrupt):
            workflow.run_and_record(REQUEST)
        assert list(workflow.settings.open_archive().keys("failures/")) == []


class TestAStop:
    def test_ends_a_deadline_and_every_earlier_one(self) -> None:
        stopped = Event()
        deadline = StoppableDeadline.until(60, stopped)
        earlier = deadline.earlier(10)
        assert 40 < earlier.remaining_seconds() <= 50
        stopped.set()
        assert (deadline.remaining_seconds(), earlier.remaining_seconds()) == (0, 0)
