"""Days that an operator takes back: F1's remedy for an `empty`, or any file, that is wrong."""

import io
import json
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import pytest

from functions.plan_archive import app as plan_archive
from functions.report_archive import app as report_archive
from functions.show_coverage import app as show_coverage
from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.server import VendorStandIn
from tests.support.builders.requests import DAY, RECORDS
from tests.support.checks.landed import landed
from tests.support.commands import run
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import CONTEXT
from tests.support.processes.dying_function import Died, Effects, die
from workspace_exports.archive.layout import SeriesName, manifest_key_of_revocation
from workspace_exports.archive.revocations import Revocation
from workspace_exports.audit.prune import Fate, sweep
from workspace_exports.audit.verify import Verdict, verify
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import ArchiveUnavailable, Rejected
from workspace_exports.lifecycle.revoke import revoke
from workspace_exports.storage.store import Store

FOLDER = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
SERIES = SeriesName(DEMO_PROJECT_ID, "connection-records")
THE_DAY = date.fromisoformat(DAY)
MANIFEST = f"manifests/kind=connection-records/project_id={DEMO_PROJECT_ID}/day={DAY}.json"
WHY = "the file is of another project"


@pytest.fixture
def export(start: Call, poll: Call, fetch: Call) -> Call:
    """One export of the day, as the state machine does it."""

    def export() -> dict[str, Any]:
        exported: dict[str, Any] = fetch(**poll(**start(**RECORDS)))
        return exported

    return export


def take_back(store: Store, why: str = WHY) -> Revocation:
    return revoke(store, SERIES, THE_DAY, why, utc_now())


def states(store: Store) -> list[str]:
    return sorted(str(finding.verdict) for finding in verify(store))


class TestTakingBack:
    def test_keeps_manifest_and_file_and_lets_another_land_beside_them(
        self, export: Call, store: Store, vendor: VendorStandIn
    ) -> None:
        first = export()
        manifest = store.read(MANIFEST) or b""
        revocation = take_back(store)
        assert store.read(MANIFEST) is None
        assert revocation.content == manifest
        (kept,) = [key for key in landed(store) if key.startswith("revoked/")]
        assert manifest_key_of_revocation(kept) == MANIFEST
        assert json.loads(store.read(kept) or b"") == json.loads(revocation.model_dump_json())
        second = export()
        assert second["archived"]["outcome"] == "landed"
        assert second["task_id"] != first["task_id"]
        assert len({first["archived"]["key"], second["archived"]["key"]} & set(landed(store))) == 2
        assert len(vendor.tasks) == 2

    def test_can_be_done_again_and_again(self, export: Call, store: Store) -> None:
        for _ in range(3):
            export()
            take_back(store)
        assert states(store) == ["revoked"] * 3

    def test_of_an_empty_day_makes_two_tasks_say_so_anew(
        self, start_empty: Call, poll: Call, fetch: Call, store: Store, vendor: VendorStandIn
    ) -> None:
        assert fetch(**poll(**start_empty(**RECORDS)))["archived"]["outcome"] == "empty"
        take_back(store)
        assert states(store) == ["revoked"]
        assert fetch(**poll(**start_empty(**RECORDS)))["archived"]["outcome"] == "empty"
        assert len(vendor.tasks) == 4

    def test_of_an_empty_day_spends_both_tasks_that_agreed(
        self, start_empty: Call, poll: Call, fetch: Call, store: Store, vendor: VendorStandIn
    ) -> None:
        looked = poll(**start_empty(**RECORDS))
        fetch(**looked)
        take_back(store)
        for task in vendor.tasks:
            with pytest.raises(Rejected, match="was revoked at"):
                fetch(**looked | {"task_id": task.task_id})

    def test_is_not_undone_by_a_late_fetch_of_the_same_task(self, export: Call, fetch: Call, store: Store) -> None:
        first = export()
        take_back(store)
        late = {name: value for name, value in first.items() if name != "archived"}
        with pytest.raises(Rejected, match="was revoked at"):
            fetch(**late)
        assert store.read(MANIFEST) is None

    def test_is_not_undone_by_a_start_that_names_the_task(self, export: Call, start: Call, store: Store) -> None:
        first = export()
        take_back(store)
        with pytest.raises(Rejected, match="was revoked"):
            start(**RECORDS, task_id=first["task_id"])

    @pytest.mark.parametrize(
        ("day", "why", "says"),
        [
            (THE_DAY - timedelta(days=1), WHY, "is not archived"),
            (THE_DAY, "", "The reason must have"),
            (THE_DAY, "  \n", "The reason must have"),
            (THE_DAY, "x" * 301, "The reason must have"),
        ],
    )
    def test_is_refused_before_anything_has_changed(
        self, day: date, why: str, says: str, export: Call, store: Store
    ) -> None:
        export()
        before = {key: store.read(key) for key in store.keys("")}
        with pytest.raises(Rejected, match=says):
            revoke(store, SERIES, day, why, utc_now())
        assert {key: store.read(key) for key in store.keys("")} == before

    def test_of_a_snapshot_is_refused(self, store: Store) -> None:
        with pytest.raises(Rejected, match="has no days"):
            revoke(store, SeriesName(DEMO_PROJECT_ID, "users"), THE_DAY, WHY, utc_now())

    def test_of_a_day_that_the_vendor_no_longer_has_needs_a_word_more(self, export: Call, store: Store) -> None:
        export()
        later = utc_now() + timedelta(days=40)
        with pytest.raises(Rejected, match="nothing could replace it"):
            revoke(store, SERIES, THE_DAY, WHY, later)
        assert revoke(store, SERIES, THE_DAY, WHY, later, even_if_lost=True).why == WHY

    def test_spares_what_has_landed_meanwhile(
        self, export: Call, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export()
        newer = (store.read(MANIFEST) or b"").replace(b'"settled": true', b'"settled":  true')
        monkeypatch.setattr(
            "workspace_exports.lifecycle.revoke.write_failure", lambda *_: store.replace(MANIFEST, newer)
        )
        take_back(store)
        assert store.read(MANIFEST) == newer

    def test_of_a_damaged_manifest_is_refused(self, export: Call, store: Store) -> None:
        export()
        store.replace(MANIFEST, b"{")
        with pytest.raises(ArchiveUnavailable, match="not one this version can read"):
            take_back(store)

    @pytest.mark.parametrize("after", range(1, 8))
    def test_that_dies_on_the_way_is_ended_by_the_same_call(
        self, after: int, export: Call, store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        export()
        with monkeypatch.context() as patch, suppress(Died):
            Effects(after, die).watch(patch.setattr)
            take_back(store)
        if store.read(MANIFEST):
            take_back(store)
        assert states(store) == ["revoked"]
        assert export()["archived"]["outcome"] == "landed"


class TestTheOthersUnderstandIt:
    def test_planner_ledger_and_report(self, export: Call, store: Store, environment: pytest.MonkeyPatch) -> None:
        days = {"kinds": ["connection-records"], "first_day": DAY, "last_day": DAY}
        export()
        assert plan_archive.handler(days, CONTEXT)["planned"] == 0
        take_back(store)
        run = plan_archive.handler(days, CONTEXT)
        assert run["planned"] == 1
        day = self._shown()
        assert (day["status"], day["error"]) == ("failed", "Revoked")
        assert WHY in day["what"]
        report = report_archive.handler(run, CONTEXT)["report"]
        assert [(one["day"], one["error"]) for one in report["failures"]] == [(DAY, "Revoked")]
        export()
        assert report_archive.handler(run, CONTEXT)["report"]["landed"] == 1

    def _shown(self) -> dict[str, Any]:
        shown = show_coverage.handler({"kind": "connection-records", "first_day": DAY, "last_day": DAY}, CONTEXT)
        (series,) = shown["series"]
        (day,) = series["days"]
        found: dict[str, Any] = day
        return found

    def test_verify_and_sweep(self, export: Call, store: Store) -> None:
        first = export()
        take_back(store)
        second = export()
        assert states(store) == ["intact", "revoked"]
        in_a_week = utc_now() + timedelta(days=7)
        assert list(sweep(store, dry_run=False, now=in_a_week)) == []
        for key in (first["archived"]["key"], second["archived"]["key"]):
            assert list(store.chunks(key))

    def test_what_a_killed_fetch_left_beside_it_still_goes(self, export: Call, store: Store) -> None:
        first = export()
        take_back(store)
        stray = first["archived"]["key"].replace(first["task_id"], "0123")
        store.replace(stray, b"half")
        (left,) = sweep(store, dry_run=False, now=utc_now() + timedelta(days=7))
        assert (left.key, left.fate) == (stray, Fate.REMOVED)

    @pytest.mark.parametrize(
        ("harm", "verdict"),
        [
            (lambda record: record | {"manifest": record["manifest"].replace("landed", "Landed")}, Verdict.UNREADABLE),
            (lambda record: record | {"sha256": "0" * 64}, Verdict.UNREADABLE),
            (lambda record: {}, Verdict.UNREADABLE),
        ],
        ids=["manifest-changed", "digest-changed", "emptied"],
    )
    def test_verify_sees_harm_to_what_is_kept_and_sweep_spares_its_file(
        self, harm: Any, verdict: Verdict, export: Call, store: Store
    ) -> None:
        first = export()
        take_back(store)
        (kept,) = store.keys("revoked/")
        store.replace(kept, json.dumps(harm(json.loads(store.read(kept) or b""))).encode())
        assert [(finding.verdict, finding.key) for finding in verify(store)] == [(verdict, kept)]
        left = list(sweep(store, dry_run=False, now=utc_now() + timedelta(days=7)))
        assert {one.fate for one in left} <= {Fate.LEFT}
        assert list(store.chunks(first["archived"]["key"]))

    def test_verify_sees_a_changed_file(self, export: Call, store: Store) -> None:
        first = export()
        take_back(store)
        store.replace(first["archived"]["key"], b"another")
        assert states(store) == ["changed"]


@FOLDER
class TestTheCommand:
    def run(self, archive_url: str, *options: str) -> int:
        return run("revoke", "connection-records", DAY, "--why", WHY, "--archive", archive_url, *options)

    def test_takes_back_with_consent(
        self, export: Call, store: Store, archive_url: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        export()
        assert self.run(archive_url, "--yes") == 0
        assert store.read(MANIFEST) is None
        assert "The next run orders the day again" in capsys.readouterr().out

    def test_asks_no_question_without_a_terminal(
        self,
        export: Call,
        store: Store,
        archive_url: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        export()
        monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
        assert self.run(archive_url) == 2
        assert store.read(MANIFEST)
        assert "--yes" in capsys.readouterr().err

    @pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("yes\n", 0), ("\n", 1), ("n\n", 1), ("what?\n", 1)])
    def test_asks_on_a_terminal(
        self, typed: str, code: int, export: Call, store: Store, archive_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        export()
        monkeypatch.setattr("sys.stdin", Terminal(typed))
        assert self.run(archive_url) == code
        assert (store.read(MANIFEST) is None) is (code == 0)

    def test_finds_the_only_project(self, export: Call, archive_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        export()
        monkeypatch.delenv("HUAWEICLOUD_SDK_PROJECT_ID")
        assert self.run(archive_url, "--yes") == 0

    def test_wants_to_know_which_of_several(
        self,
        export: Call,
        store: Store,
        archive_url: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        export()
        store.replace(MANIFEST.replace(DEMO_PROJECT_ID, "other"), store.read(MANIFEST) or b"")
        monkeypatch.delenv("HUAWEICLOUD_SDK_PROJECT_ID")
        assert self.run(archive_url, "--yes") == 2
        assert "of 2 projects" in capsys.readouterr().err

    def test_takes_back_a_series_that_is_archived_with_filters(
        self, start: Call, poll: Call, fetch: Call, store: Store, archive_url: str
    ) -> None:
        filters = {"terminal_type": "Windows 10"}
        landed_key = fetch(**poll(**start(**RECORDS, filters=filters)))["archived"]["manifest_key"]
        assert self.run(archive_url, "--yes") == 2
        assert self.run(archive_url, "--yes", "--filter", "terminal_type=Windows 10") == 0
        assert store.read(landed_key) is None

    @pytest.mark.parametrize("options", [["--filter", "x"], ["--colour", "red"]])
    def test_refuses_what_it_does_not_understand(
        self, options: list[str], archive_url: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert self.run(archive_url, *options) == 2

    def test_asks_only_about_what_can_be_taken_back(
        self, store: Store, archive_url: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        store.replace("targets.json", b"{}")
        assert self.run(archive_url, "--project", DEMO_PROJECT_ID) == 2
        assert "is not archived" in capsys.readouterr().err

    @pytest.mark.parametrize("options", [["--project", "../x"], ["--project", "nobody's"]])
    def test_refuses_what_is_no_project(self, options: list[str], export: Call, archive_url: str) -> None:
        export()
        assert self.run(archive_url, "--yes", *options) == 2
