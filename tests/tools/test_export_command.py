"""`make export`, against the stand-in: into a folder and into S3, with what a waiting person is told."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from local.export.__main__ import main
from local.export.chain import Chain
from local.faults.connections import LOSE_ANSWER
from local.standin.faults.answers import server_error, throttled
from local.standin.faults.fates import expires, fails, never_finishes
from local.standin.faults.mishaps import Fault, Truncate
from local.standin.server import VendorStandIn
from tests.support.builders.requests import DAY
from workspace_exports.core.errors import FileExpired, TaskFailed, Throttled, VendorUnavailable
from workspace_exports.events import ExportRequest

RECORDS = ["--kind", "connection-records", "--day", DAY]
REQUEST = ExportRequest.model_validate({"kind": "connection-records", "day": DAY})


def at_once(_seconds: float) -> None:
    """Waits for nothing."""


@pytest.fixture(autouse=True)
def on_this_machine(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home of its own, and no time lost before the first look."""
    environment.setenv("HOME", str(tmp_path / "home"))
    environment.setenv("POLL_SHORTEST_WAIT_SECONDS", "1")
    environment.delenv("ARCHIVE_URL")


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
class TestTheCommand:
    def test_brings_the_file_and_says_where_it_is(
        self, tmp_path: Path, vendor: VendorStandIn, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = [*RECORDS, "--to", str(tmp_path / "to"), "--filters", '{"user_name": "x"}']
        assert main(arguments, sleep=at_once) == 0
        shown = capsys.readouterr().out
        (manifest,) = (tmp_path / "to" / "manifests").rglob("*.json")
        document = json.loads(manifest.read_bytes())
        content = (tmp_path / "to" / document["key"]).read_bytes()
        assert content == vendor.report(document["task_id"])
        assert hashlib.sha256(content).hexdigest() == document["sha256"]
        assert document["sha256"] in shown
        assert document["key"] in shown
        assert "the vendor says SUCCESS" in shown

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            (["--kind", "logins", "--day", DAY], "'logins' is not known"),
            (["--kind", "connection-records"], "give day, start_time or end_time"),
            ([*RECORDS, "--filters", "{"], "the filters are not JSON"),
            ([*RECORDS, "--filters", "[]"], "filters: input should be a valid dictionary"),
            ([*RECORDS, "--to", "ftp://host/x"], "neither s3://bucket/prefix nor file:///path"),
        ],
    )
    def test_a_mistake_is_told_in_a_sentence_before_the_vendor_hears_of_it(
        self, arguments: list[str], says: str, vendor: VendorStandIn, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(arguments) == 2
        assert says in capsys.readouterr().err
        assert vendor.requests == ()

    def test_missing_credentials_are_told_with_the_ways_to_give_them(
        self, environment: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        environment.delenv("HUAWEICLOUD_SDK_AK")
        environment.delenv("HUAWEICLOUD_SDK_SK")
        assert main([*RECORDS, "--to", str(tmp_path / "to")]) == 2
        assert "HUAWEICLOUD_SDK_AK" in capsys.readouterr().err

    def test_the_official_sdks_profile_is_enough(self, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
        from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_SECRET_KEY  # noqa: PLC0415

        for name in ("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HUAWEICLOUD_SDK_PROJECT_ID"):
            environment.delenv(name)
        profile = tmp_path / "home" / ".huaweicloud" / "credentials"
        profile.parent.mkdir(parents=True)
        profile.write_text(f"[basic]\nak={DEMO_ACCESS_KEY}\nsk={DEMO_SECRET_KEY}\nproject_id={DEMO_PROJECT_ID}\n")
        assert main([*RECORDS, "--to", str(tmp_path / "to")]) == 0

    def test_a_wrong_option_is_a_wrong_usage(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit, match="2"):
            main(["--day", DAY])
        assert "--kind" in capsys.readouterr().err


def test_an_archive_in_s3_or_a_folder_by_its_url(archive_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*RECORDS, "--to", archive_url], sleep=at_once) == 0
    assert f"{archive_url}/data/" in capsys.readouterr().out


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
class TestTheChain:
    @pytest.fixture
    def told(self) -> list[str]:
        return []

    @pytest.fixture
    def slept(self) -> list[float]:
        return []

    @pytest.fixture
    def chain(self, archive_url: str, told: list[str], slept: list[float]) -> Chain:
        import os  # noqa: PLC0415 - as the fixtures have left it

        return Chain(dict(os.environ) | {"ARCHIVE_URL": archive_url}, told.append, slept.append)

    def test_waits_as_poll_status_says(self, chain: Chain, vendor: VendorStandIn, slept: list[float]) -> None:
        chain.run(REQUEST)
        assert slept == [1]

    def test_what_passes_is_waited_out(
        self, chain: Chain, vendor: VendorStandIn, slept: list[float], told: list[str]
    ) -> None:
        vendor.script("connection-records", throttled("30"))
        vendor.script("list", server_error())
        vendor.script("download", Truncate(100), Truncate(0))
        assert chain.run(REQUEST).archived.outcome == "landed"
        assert slept == [30, 1, 5, 5]
        assert "trying again in 30 s" in " ".join(told)

    @pytest.mark.parametrize(
        ("operation", "faults", "error"),
        [
            ("connection-records", [throttled()] * 6, Throttled),
            ("list", [server_error()] * 6, VendorUnavailable),
            ("connection-records", [fails("no")] * 2, TaskFailed),
            ("connection-records", [expires(0)] * 2, FileExpired),
        ],
    )
    def test_what_does_not_pass_is_an_error_after_a_bounded_number_of_attempts(
        self, operation: str, faults: list[Any], error: type[Exception], chain: Chain, vendor: VendorStandIn
    ) -> None:
        vendor.script(operation, *faults)
        with pytest.raises(error):
            chain.run(REQUEST)
        assert not vendor.pending_faults

    @pytest.mark.parametrize("fault", [fails("no"), expires(0)])
    def test_a_task_that_comes_to_nothing_is_ordered_again(
        self, fault: Fault, chain: Chain, vendor: VendorStandIn, told: list[str]
    ) -> None:
        vendor.script("connection-records", fault)
        assert chain.run(REQUEST).archived.outcome == "landed"
        assert len(vendor.tasks) == 2
        assert "ordering again, this once" in " ".join(told)

    def test_an_order_that_may_have_arrived_is_looked_for_and_not_made_twice(
        self, chain: Chain, vendor: VendorStandIn
    ) -> None:
        vendor.script("connection-records", LOSE_ANSWER)
        vendor.script("list", server_error())
        assert chain.run(REQUEST).archived.outcome == "landed"
        assert len(vendor.tasks) == 1

    def test_a_task_that_never_ends_is_given_up_at_the_deadline(self, chain: Chain, vendor: VendorStandIn) -> None:
        vendor.script("connection-records", never_finishes())
        hurried = Chain(dict(chain.environment) | {"POLL_DEADLINE_SECONDS": "1"}, chain.show)
        with pytest.raises(Exception, match="is not done after"):
            hurried.run(REQUEST)
