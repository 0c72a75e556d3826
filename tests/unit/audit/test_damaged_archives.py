"""What a verification finds, and a sweep tells, of an archive in which something of everything has gone wrong."""

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.builders.examples import Incoming, observed_export, workbook
from workspace_exports.archive.landing import land, land_empty
from workspace_exports.audit.prune import Fate, Leftover, sweep
from workspace_exports.audit.temp_files import staged_files
from workspace_exports.audit.verify import Finding, Verdict, verify
from workspace_exports.core.clock import utc_now
from workspace_exports.events import Archived
from workspace_exports.storage.store import Store, open_store

BOOK = workbook("x" * 1000)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path.as_uri())


def bring(store: Store, day: int = 20) -> Archived:
    return land(store, observed_export(day=f"2026-11-{day}"), Incoming([BOOK[:500], BOOK[500:]]))


def rewritten(store: Store, archived: Archived, **changes: Any) -> None:
    document = json.loads(store.read(archived.manifest_key) or b"") | changes
    store.replace(archived.manifest_key, json.dumps(document).encode())


def found(store: Store, later: timedelta = timedelta(days=2)) -> list[Finding]:
    return list(verify(store, now=utc_now() + later))


def the_only(findings: Iterable[Finding]) -> Finding:
    (finding,) = findings
    return finding


def test_an_intact_export_was_read_to_its_last_byte(store: Store) -> None:
    archived = bring(store)
    intact = Finding(Verdict.INTACT, archived.manifest_key, names=archived.key, read_bytes=len(BOOK))
    assert found(store) == [intact]
    assert found(store, timedelta()) == [intact], "what a manifest names is not in flight"


def test_an_object_with_other_bytes_is_told_with_both_digests(store: Store) -> None:
    archived = bring(store)
    store.replace(archived.key or "", BOOK[:-1] + b"!")
    finding = the_only(found(store))
    assert (finding.verdict, finding.key) == (Verdict.CHANGED, archived.manifest_key)
    assert (finding.names, finding.read_bytes) == (archived.key, len(BOOK))
    assert archived.sha256 in finding.detail


def test_an_object_of_another_size_is_told_without_being_read(store: Store) -> None:
    archived = bring(store)
    store.replace(archived.key or "", b"short")
    finding = the_only(found(store))
    assert (finding.verdict, finding.key) == (Verdict.CHANGED, archived.manifest_key)
    assert (finding.names, finding.read_bytes) == (archived.key, 0)
    assert f"5 bytes where {len(BOOK)} are recorded" in finding.detail


def test_an_object_that_is_gone_is_told_by_name(store: Store) -> None:
    archived = bring(store)
    store.delete(archived.key or "")
    finding = the_only(found(store))
    assert (finding.verdict, finding.key, finding.names) == (Verdict.MISSING, archived.manifest_key, archived.key)
    assert f"{archived.key} is not there" in finding.detail


def test_a_manifest_that_names_nothing_is_intact_only_where_it_says_empty(store: Store) -> None:
    empty = land_empty(store, observed_export(), "Two tasks said so", None)
    assert found(store) == [Finding(Verdict.INTACT, empty.manifest_key)]
    rewritten(store, empty, size_bytes=1)
    assert found(store) == [Finding(Verdict.MISSING, empty.manifest_key, "it names no object")]


def test_a_manifest_that_is_not_understood_is_told_with_what_it_names(store: Store) -> None:
    archived = bring(store)
    rewritten(store, archived, kind="rooms")
    finding = the_only(found(store))
    assert (finding.verdict, finding.key, finding.names) == (Verdict.UNREADABLE, archived.manifest_key, archived.key)
    store.replace(archived.manifest_key, b"{")
    finding = the_only(found(store))
    assert (finding.verdict, finding.key) == (Verdict.UNREADABLE, archived.manifest_key)
    assert finding.detail


def test_a_manifest_in_anothers_place_still_names_its_object(store: Store) -> None:
    archived = bring(store)
    content = store.read(archived.manifest_key) or b""
    elsewhere = archived.manifest_key.replace("11-20", "11-19")
    store.replace(elsewhere, content)
    store.delete(archived.manifest_key)
    finding = the_only(found(store))
    assert (finding.verdict, finding.key, finding.names) == (Verdict.MISPLACED, elsewhere, archived.key)
    assert archived.manifest_key in finding.detail


def test_what_no_manifest_names_is_an_orphan_once_it_is_old_enough(store: Store) -> None:
    archived = bring(store)
    orphan = (archived.key or "").replace(".xlsx", "0.xlsx")
    store.replace(orphan, b"half")
    young, old = found(store, timedelta()), found(store)
    assert [(one.verdict, one.key) for one in young if one.key == orphan] == [(Verdict.IN_FLIGHT, orphan)]
    assert [(one.verdict, one.key) for one in old if one.key == orphan] == [(Verdict.ORPHAN, orphan)]
    assert all(one.detail for one in (*young, *old) if one.key == orphan)


def test_what_is_below_no_kind_and_project_is_foreign_and_told_by_its_key(store: Store) -> None:
    for key in ("data/stray", "manifests/stray.json"):
        store.replace(key, b"x")
    findings = {one.key: one for one in found(store)}
    assert {key: one.verdict for key, one in findings.items()} == {
        "data/stray": Verdict.FOREIGN,
        "manifests/stray.json": Verdict.FOREIGN,
    }
    assert all(one.detail for one in findings.values())


def test_a_sweep_tells_what_it_found_and_since_when_it_is_there(store: Store) -> None:
    archived = bring(store)
    orphan = (archived.key or "").replace(".xlsx", "0.xlsx")
    store.replace(orphan, b"half")
    written_at = next(one.written_at for one in store.objects("data/") if one.key == orphan)
    leftovers = list(sweep(store, now=utc_now() + timedelta(days=2)))
    assert leftovers == [Leftover(orphan, len(b"half"), written_at, Fate.FOUND)]


def test_where_a_manifest_cannot_be_read_only_what_none_names_is_told_and_left(store: Store) -> None:
    intact, damaged = bring(store), bring(store, day=19)
    orphan = (intact.key or "").replace(".xlsx", "0.xlsx")
    store.replace(orphan, b"half")
    store.replace(damaged.manifest_key, b"{")
    leftovers = list(sweep(store, now=utc_now() + timedelta(days=2), dry_run=False))
    assert {one.key: one.fate for one in leftovers} == {orphan: Fate.LEFT, damaged.key: Fate.LEFT}
    assert all(damaged.manifest_key in one.detail for one in leftovers)


@pytest.mark.parametrize("url", ["s3://b{folder}", "s3://b", "memory:///"])
def test_a_folder_of_this_machine_is_no_part_of_an_archive_elsewhere(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x#1").write_text("half")
    monkeypatch.chdir(tmp_path)
    assert [one.key for one in staged_files(tmp_path.as_uri())] == ["data/x#1"]
    assert list(staged_files(url.format(folder=tmp_path))) == []
