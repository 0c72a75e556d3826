"""`verify` and `prune`, on a folder and on S3: what is shown, and what the exit code says."""

import io
import json
import os
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.support.builders.landed_files import BOOK, bring, key_of, leave_orphan, rewrite
from tests.support.commands import run
from workspace_exports.commands.findings_display import FindingsDisplay
from workspace_exports.commands.verify_command import verify_all
from workspace_exports.core.clock import utc_now
from workspace_exports.storage.store import Store

LONG_AGO = utc_now().timestamp() - timedelta(days=3).total_seconds()


def document(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """The one document on standard output."""
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


class TestVerify:
    def test_an_intact_archive_is_0(self, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
        bring(store)
        bring(store, day="2026-11-19")
        leave_orphan(store)
        assert run("verify", "--archive", store.url) == 0
        shown = capsys.readouterr()
        assert "Everything is intact." in shown.out
        assert "in-flight" in shown.out
        assert shown.out.splitlines()[-2].split() == ["intact", "2"]
        assert shown.err == ""

    def test_the_archive_of_the_environment_is_the_default(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        bring(store)
        monkeypatch.setenv("ARCHIVE_URL", store.url)
        assert run("verify") == 0

    def test_every_finding_is_shown_and_makes_it_1(self, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
        changed, gone = bring(store), bring(store, day="2026-11-19")
        store.write(key_of(changed), [b"x" * len(BOOK)])
        store.delete(key_of(gone))
        assert run("verify", "--archive", store.url) == 1
        shown = capsys.readouterr().out
        assert f"changed     {changed.manifest_key}\n" in shown
        assert f"missing     {gone.manifest_key}\n" in shown
        assert changed.sha256 in shown
        assert "Not everything is intact." in shown

    def test_a_machine_gets_one_document(self, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
        bring(store, day="2026-11-19")
        gone = bring(store)
        store.delete(key_of(gone))
        assert run("verify", "--archive", store.url, "--json") == 1
        finding = {"state": "missing", "key": gone.manifest_key, "detail": f"{gone.key} is not there"}
        assert document(capsys) == {
            "counts": {"intact": 1, "missing": 1},
            "findings": [finding | {"names": gone.key, "read_bytes": 0}],
            "verdict": "not intact",
        }
        store.delete(gone.manifest_key)
        assert run("verify", "--archive", store.url, "--json") == 0
        assert document(capsys) == {"counts": {"intact": 1}, "findings": [], "verdict": "consistent"}

    def test_a_place_without_anything_is_not_called_intact(
        self, store: Store, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("verify", "--archive", store.url) == 2
        assert "is it the right place?" in capsys.readouterr().out

    @pytest.mark.parametrize("job", ["verify", "prune"])
    @pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
    def test_storage_that_refuses_is_2(self, job: str, store: Store, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(job, "--archive", "s3://no-such-bucket/prefix") == 2
        assert "NoSuchBucket" in capsys.readouterr().err

    @pytest.mark.parametrize("job", ["verify", "prune"])
    @pytest.mark.parametrize(
        ("place", "says"),
        [("ftp://host/x", "neither s3://bucket/prefix nor file:///path"), ("", "No archive is named")],
    )
    def test_what_is_no_archive_is_2(self, job: str, place: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(job, "--archive", place) == 2
        assert says in capsys.readouterr().err

    @pytest.mark.parametrize("form", ["{}", "file://{}"])
    def test_a_folder_that_is_not_there_is_told_and_not_made(
        self, form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place = tmp_path / "none"
        assert run("verify", "--archive", form.format(place)) == 2
        assert f"There is no folder {place}" in capsys.readouterr().err.replace("\n", "")
        assert not place.exists()

    @pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
    def test_a_folder_may_be_given_by_its_path(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        bring(store)
        monkeypatch.chdir(tmp_path.parent)
        assert run("verify", "--archive", f"./{tmp_path.name}") == 0

    @pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
    def test_a_terminal_sees_something_move(self, store: Store) -> None:
        bring(store)
        screen = Console(file=(shown_to := io.StringIO()), force_terminal=True)
        assert verify_all(store, FindingsDisplay(screen, screen, as_json=False)) == 0
        shown = shown_to.getvalue()
        assert "1 objects" in shown
        assert "kB" in shown

    @pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
    def test_an_interruption_in_the_middle_is_130(
        self, store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        store.delete(key_of(bring(store)))
        monkeypatch.setattr(sys, "stdout", Interrupted())
        assert run("verify", "--archive", store.url) == 130
        assert "Interrupted" in capsys.readouterr().err


class Interrupted(io.StringIO):
    """An output at which somebody presses Ctrl-C as soon as something is told."""

    def write(self, text: str) -> int:
        if "missing" in text:
            signal.raise_signal(signal.SIGINT)
        return super().write(text)


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
class TestPrune:
    @pytest.fixture
    def leftovers(self, store: Store, tmp_path: Path) -> set[str]:
        """An orphan and a killed writer's file, three days old, beside what a manifest names."""
        bring(store)
        orphan = leave_orphan(store)
        (tmp_path / f"{orphan}#1").write_bytes(b"half")
        for path in (tmp_path / "data").rglob("*.xlsx*"):
            os.utime(path, (LONG_AGO, LONG_AGO))
        return {orphan, f"{orphan}#1"}

    def test_lists_unless_told_to_delete(
        self, store: Store, leftovers: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("prune", "--archive", store.url) == 0
        shown = capsys.readouterr().out
        assert all(f"found       {key}\n" in shown for key in leftovers)
        assert "Nothing was removed" in shown
        assert all((tmp_path / key).exists() for key in leftovers)

        assert run("prune", "--archive", store.url, "--delete") == 0
        shown = capsys.readouterr().out
        assert all(f"removed     {key}\n" in shown for key in leftovers)
        assert not any((tmp_path / key).exists() for key in leftovers)

        assert run("prune", "--archive", store.url, "--delete") == 0
        assert capsys.readouterr().out == "Nothing is left over.\n"
        assert run("verify", "--archive", store.url) == 0

    def test_spares_what_is_younger(
        self, store: Store, leftovers: set[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("prune", "--archive", store.url, "--older-than-hours", "100", "--delete") == 0
        assert capsys.readouterr().out == "Nothing is left over.\n"

    def test_what_must_be_left_is_shown_and_makes_it_1(
        self, store: Store, leftovers: set[str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        (manifest,) = store.keys("manifests/")
        rewrite(store, manifest, task_id="")
        assert run("prune", "--archive", store.url, "--delete", "--json") == 1
        told = document(capsys)
        assert {row["state"] for row in told["findings"] if not row["key"].endswith("#1")} == {"left"}
        assert all({"size_bytes", "written_at"} <= set(row) for row in told["findings"])
        assert told["counts"] == {"left": 2, "removed": 1}
        assert told["verdict"] == "left"


def test_on_s3_an_orphan_of_today_is_spared(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    orphan = leave_orphan(store)
    assert run("prune", "--archive", store.url, "--delete") == 0
    assert list(store.keys("data/")) == [orphan]


def test_sweep_is_another_name_of_prune(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    bring(store)
    assert run("sweep", "--archive", store.url) == 0
    assert "Nothing is left over." in capsys.readouterr().out


@pytest.mark.parametrize("hours", ["0", "0.9", "-1", "nan", "soon", "1e300"])
def test_an_age_that_is_none_is_a_wrong_usage(hours: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("prune", "--older-than-hours", hours) == 2
    assert "--older-than-hours" in capsys.readouterr().err
