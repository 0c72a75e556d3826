"""An archive checked against itself, and swept, on a folder and on S3: every way in which it can be wrong."""

import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.support.builders.examples import PROJECT_ID, observed_export
from tests.support.builders.landed_files import BOOK, bring, key_of, leave_orphan, rewrite
from workspace_exports.archive.landing import land_empty
from workspace_exports.archive.layout import manifest_key, manifest_key_beside
from workspace_exports.audit.orphans import GRACE
from workspace_exports.audit.prune import SHORTEST_GRACE, Fate, Leftover, sweep
from workspace_exports.audit.temp_files import remove_staged
from workspace_exports.audit.verify import Finding, Verdict, verify
from workspace_exports.core.clock import utc_now
from workspace_exports.core.concurrency import in_parallel
from workspace_exports.core.errors import ArchiveUnavailable, Rejected
from workspace_exports.storage.store import Store
from workspace_exports.storage.stored_objects import StoredObject

LATER = utc_now() + 2 * GRACE
"""When whatever a test has written is older than the grace."""


def commit(store: Store, orphan: str) -> None:
    """The manifest of a slow fetch."""
    made = bring(store, day="2026-11-01")
    document = json.loads(store.read(made.manifest_key) or b"") | {"key": orphan, "window": {"day": "2026-11-20"}}
    store.create(manifest_key(observed_export()), json.dumps(document).encode())
    for key in (made.manifest_key, key_of(made)):
        store.delete(key)


def findings(store: Store, now: datetime | None = LATER, **options: Any) -> dict[str, Finding]:
    found = list(verify(store, now=now, **options))
    assert len({finding.key for finding in found}) == len(found)
    return {finding.key: finding for finding in found}


def only(found: dict[str, Finding]) -> Finding:
    (finding,) = found.values()
    return finding


class Seam(Store):
    """The same store, with something happening before a call."""

    def __init__(self, store: Store, **before: Callable[[str], None]) -> None:
        super().__init__(store.url, store._objects)
        self._before = before

    def _happen(self, call: str, key: str) -> None:
        if call in self._before:
            self._before[call](key)

    def read(self, key: str) -> bytes | None:
        self._happen("read", key)
        return super().read(key)

    def chunks(self, key: str) -> Iterator[bytes]:
        self._happen("chunks", key)
        return super().chunks(key)

    def objects(self, prefix: str, after: str | None = None, before: str | None = None) -> Iterator[StoredObject]:
        listed = list(super().objects(prefix, after, before))
        self._happen("listed", prefix)
        return iter(listed)

    def everything(self, prefix: str) -> Iterator[StoredObject]:
        listed = list(super().everything(prefix))
        self._happen("listed", prefix)
        return iter(listed)

    def delete(self, key: str) -> None:
        self._happen("delete", key)
        super().delete(key)


def refusing(fragment: str) -> Callable[[str], None]:
    def refuse(key: str) -> None:
        if fragment in key:
            raise ArchiveUnavailable(f"Could not reach {key!r}")

    return refuse


class TestVerify:
    def test_an_empty_archive_has_nothing_to_tell(self, store: Store) -> None:
        assert findings(store) == {}

    def test_what_landed_is_intact_of_every_kind_window_and_filter(self, store: Store) -> None:
        landed = [
            bring(store),
            bring(store, day="2026-11-19", filters={"user_name": "x"}),
            bring(store, kind="desktops", day=None),
            bring(store, project_id="another", day=None, start_time="2026-11-19T00:00:00Z"),
        ]
        land_empty(store, observed_export(day="2026-11-18"), "Two tasks said so", None)
        found = findings(store)
        assert {finding.verdict for finding in found.values()} == {Verdict.INTACT}
        assert len(found) == 5
        for archived in landed:
            assert found[archived.manifest_key] == Finding(
                Verdict.INTACT, archived.manifest_key, names=archived.key, read_bytes=len(BOOK)
            )

    def test_a_flipped_bit_is_found_and_both_digests_are_told(self, store: Store) -> None:
        archived = bring(store)
        flipped = bytes([BOOK[0], BOOK[1] ^ 1]) + BOOK[2:]
        store.write(key_of(archived), [flipped])
        finding = only(findings(store))
        assert (finding.verdict, finding.key) == (Verdict.CHANGED, archived.manifest_key)
        assert hashlib.sha256(flipped).hexdigest() in finding.detail
        assert archived.sha256 in finding.detail

    def test_another_size_is_found_without_reading_and_both_are_told(self, store: Store) -> None:
        archived = bring(store)
        store.write(key_of(archived), [BOOK, b"x"])
        finding = only(findings(Seam(store, chunks=refusing("data/"))))
        assert finding.verdict is Verdict.CHANGED
        assert f"{len(BOOK) + 1} bytes where {len(BOOK)} are recorded" in finding.detail

    def test_a_deleted_object_is_found(self, store: Store) -> None:
        archived = bring(store)
        store.delete(key_of(archived))
        finding = only(findings(store))
        assert (finding.verdict, finding.names) == (Verdict.MISSING, archived.key)

    @pytest.mark.parametrize("changes", [{"outcome": "landed"}, {"size_bytes": 1}])
    def test_a_manifest_that_names_nothing_must_be_one_of_nothing(
        self, store: Store, changes: dict[str, object]
    ) -> None:
        archived = land_empty(store, observed_export(), "Two tasks said so", None)
        rewrite(store, archived.manifest_key, **changes)
        assert only(findings(store)).verdict is Verdict.MISSING

    @pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"{}"])
    def test_a_damaged_manifest_is_found_and_its_objects_are_not_called_orphans(
        self, store: Store, content: bytes
    ) -> None:
        archived = bring(store)
        store.write(archived.manifest_key, [content])
        finding = only(findings(store))
        assert (finding.verdict, finding.key) == (Verdict.UNREADABLE, archived.manifest_key)

    def test_a_kind_of_a_later_version_is_told_as_such(self, store: Store) -> None:
        archived = bring(store)
        rewrite(store, archived.manifest_key, kind="logins")
        assert "does not know" in only(findings(store)).detail

    @pytest.mark.parametrize(
        ("changes", "says"),
        [
            ({"kind": "desktop-usage"}, "belongs to manifests/kind=desktop-usage/"),
            ({"project_id": "another"}, "belongs to manifests/kind=connection-records/project_id=another/"),
            ({"window": {"day": "2026-11-19"}}, "belongs to .*day=2026-11-19.json"),
            ({"window": {}}, "belongs to .*snapshot="),
            ({"filters": {"user_name": "x"}}, "belongs to .*filters-"),
            ({"window": {"day": "2026-11-20", "start_time": "2026-11-01T00:00:00Z"}}, "contradict each other"),
            ({"key": f"data/kind=connection-records/project_id={PROJECT_ID}/day=2026-11-19/x"}, "in another place"),
            ({"key": "secrets/x"}, "in another place"),
        ],
    )
    def test_a_manifest_that_says_something_else_than_its_key_is_found(
        self, store: Store, changes: dict[str, object], says: str
    ) -> None:
        archived = bring(store)
        rewrite(store, archived.manifest_key, **changes)
        finding = findings(store)[archived.manifest_key]
        assert finding.verdict is Verdict.MISPLACED
        assert re.search(says, finding.detail)

    def test_an_object_in_an_unknown_place_is_foreign(self, store: Store) -> None:
        store.write("manifests/notes.json", [b"{}"])
        store.write("data/notes.txt", [b"x"])
        deep = f"data/kind=desktops/project_id={PROJECT_ID}/loose.xlsx"
        store.write(deep, [b"x"])
        assert {key: finding.verdict for key, finding in findings(store).items()} == {
            "manifests/notes.json": Verdict.FOREIGN,
            "data/notes.txt": Verdict.FOREIGN,
            deep: Verdict.FOREIGN,
        }

    @pytest.mark.parametrize(("call", "fragment"), [("read", "day=2026-11-19"), ("chunks", "day=2026-11-19")])
    def test_what_cannot_be_reached_is_told_and_the_others_are_checked(
        self, store: Store, call: str, fragment: str
    ) -> None:
        good, bad = bring(store), bring(store, day="2026-11-19")
        found = findings(Seam(store, **{call: refusing(fragment)}))
        assert found[good.manifest_key].verdict is Verdict.INTACT
        assert found[bad.manifest_key].verdict is Verdict.UNREACHABLE
        assert "Could not reach" in found[bad.manifest_key].detail
        assert len(found) == 2

    def test_an_archive_that_cannot_be_listed_is_no_finding(self, store: Store) -> None:
        with pytest.raises(ArchiveUnavailable):
            findings(Seam(store, listed=refusing("manifests/")))

    def test_a_manifest_that_goes_while_it_is_looked_at_is_told(self, store: Store) -> None:
        archived = bring(store)
        seam = Seam(store, read=lambda key: store.delete(key) if store.read(key) else None)
        assert only(findings(seam)) == Finding(Verdict.UNREACHABLE, archived.manifest_key, "it was listed, and is gone")

    def test_an_object_without_a_manifest_is_in_flight_first_and_an_orphan_later(self, store: Store) -> None:
        bring(store)
        key = leave_orphan(store)
        assert findings(store, now=None)[key].verdict is Verdict.IN_FLIGHT
        assert findings(store)[key].verdict is Verdict.ORPHAN
        assert findings(store, grace=4 * GRACE)[key].verdict is Verdict.IN_FLIGHT

    def test_an_object_that_is_named_after_the_listing_is_no_orphan(self, store: Store) -> None:
        orphan = leave_orphan(store)
        committing = Seam(
            store, listed=lambda prefix: commit(store, orphan) if prefix.startswith("data/kind") else None
        )
        assert findings(committing) == {}
        assert only(findings(store)).verdict is Verdict.INTACT

    def test_whose_manifest_cannot_be_read_in_the_end_is_no_orphan_either(self, store: Store) -> None:
        key = leave_orphan(store)
        finding = only(findings(Seam(store, read=refusing("manifests/"))))
        assert (finding.verdict, finding.key) == (Verdict.UNREACHABLE, key)

    def test_what_is_no_data_and_no_manifest_is_not_looked_at(self, store: Store) -> None:
        store.write("orders/x.json", [b"x"])
        store.write("doctor/x.json", [b"x"])
        assert findings(store) == {}


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
class TestVerifyALot:
    @pytest.mark.check
    def test_two_thousand_manifests_are_checked_a_few_at_a_time(self, store: Store) -> None:
        day = datetime(2020, 1, 1)  # noqa: DTZ001 - only its date matters
        for number in range(2000):
            export = observed_export(day=f"{day + timedelta(days=number):%Y-%m-%d}")
            land_empty(store, export, "Two tasks said so", None)
        busy = Busy()
        seam = Seam(store, read=busy.during)
        found = findings(seam, parallel=4)
        assert len(found) == 2000
        assert {finding.verdict for finding in found.values()} == {Verdict.INTACT}
        assert busy.threads <= 4

    def test_one_kind_and_project_after_the_other(self, store: Store) -> None:
        """So that memory holds the keys of one at a time."""
        for project in ("a", "b", "c"):
            bring(store, project_id=project)
        listed: list[str] = []
        verifying = verify(Seam(store, listed=listed.append), now=LATER)
        assert "project_id=a" in next(verifying).key
        assert not [prefix for prefix in listed if "project_id=b" in prefix]

    def test_a_caller_that_stops_early_does_not_wait_for_the_rest_of_an_object(self, store: Store) -> None:
        bring(store)
        bring(store, day="2026-11-19")
        endless = Endless(store)
        verifying = verify(endless, now=LATER, parallel=2)
        assert next(verifying).verdict is Verdict.INTACT
        assert endless.started.wait(30)
        verifying.close()  # type: ignore[attr-defined]
        assert not endless.read_to_its_end


class Busy:
    """How many threads have come by."""

    def __init__(self) -> None:
        self._names: set[int] = set()
        self._lock = threading.Lock()

    def during(self, _: str) -> None:
        with self._lock:
            self._names.add(threading.get_ident())

    @property
    def threads(self) -> int:
        return len(self._names)


class Endless(Store):
    """One of its objects has more pieces than anybody would wait for."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.url, store._objects)
        self.started = Event()
        self.read_to_its_end = False

    def chunks(self, key: str) -> Iterator[bytes]:
        if "day=2026-11-20" in key:
            yield from super().chunks(key)
            return
        for _ in range(20_000_000):
            self.started.set()
            yield b"x"
        self.read_to_its_end = True


class TestInParallel:
    @pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 500])
    def test_every_item_has_one_result(self, count: int) -> None:
        assert sorted(in_parallel(lambda item, _: item * 2, range(count), workers=4)) == [n * 2 for n in range(count)]

    def test_items_are_taken_only_as_the_work_gets_on(self) -> None:
        taken: list[int] = []

        def items() -> Iterator[int]:
            for number in range(100_000):
                taken.append(number)
                yield number

        results = in_parallel(lambda item, _: item, items(), workers=4)
        for done in range(1, 500):
            next(results)
            assert len(taken) - done < 2 * 4 + 4
        results.close()  # type: ignore[attr-defined]

    def test_what_the_work_raises_comes_out(self) -> None:
        def work(_: int, __: Event) -> None:
            raise KeyError

        with pytest.raises(KeyError):
            list(in_parallel(work, range(3), workers=2))


def swept(store: Store, now: datetime | None = LATER, older_than: timedelta = GRACE) -> dict[str, Fate]:
    found = sweep(store, older_than=older_than, dry_run=False, now=now)
    return {leftover.key: leftover.fate for leftover in found}


def data(store: Store) -> set[str]:
    return set(store.keys("data/"))


class TestSweep:
    def test_an_orphan_goes_and_what_a_manifest_names_stays(self, store: Store) -> None:
        kept = {key_of(bring(store)), key_of(bring(store, kind="desktops", day=None))}
        orphans = {leave_orphan(store), leave_orphan(store, day="2026-11-19"), leave_orphan(store, project_id="b")}
        assert swept(store) == dict.fromkeys(orphans, Fate.REMOVED)
        assert data(store) == kept
        assert all(finding.verdict is Verdict.INTACT for finding in findings(store).values())

    def test_a_dry_run_tells_the_same_and_touches_nothing(self, store: Store) -> None:
        bring(store)
        orphan = leave_orphan(store)
        before = data(store)
        (leftover,) = sweep(store, now=LATER)
        assert (leftover.key, leftover.fate, leftover.size_bytes) == (orphan, Fate.FOUND, len(BOOK))
        assert data(store) == before

    def test_a_young_one_stays(self, store: Store) -> None:
        leave_orphan(store)
        assert swept(store, now=None) == {}
        assert swept(store, older_than=4 * GRACE) == {}

    @pytest.mark.parametrize("age", [timedelta(0), timedelta(days=-1), SHORTEST_GRACE - timedelta(seconds=1)])
    def test_an_age_at_which_a_fetch_may_be_under_way_is_refused_at_once(self, store: Store, age: timedelta) -> None:
        with pytest.raises(Rejected, match="older_than must be 1:00:00 or more"):
            sweep(store, older_than=age)

    def test_a_manifest_that_appears_between_listing_and_deletion_saves_its_object(self, store: Store) -> None:
        orphan = leave_orphan(store)
        committing = Seam(
            store, listed=lambda prefix: commit(store, orphan) if prefix.startswith("manifests/") else None
        )
        assert swept(committing) == {}
        assert data(store) == {orphan}

    def test_what_a_manifest_in_another_place_names_stays(self, store: Store) -> None:
        """Somebody, or a later version, may have moved the manifests and not the data."""
        landed = bring(store)
        content = store.read(landed.manifest_key)
        assert content
        store.delete(landed.manifest_key)
        moved = landed.manifest_key.replace("day=", "moved-day=")
        store.write(moved, [content])
        assert swept(store) == {moved: Fate.FOREIGN}
        assert data(store) == {landed.key}

    @pytest.mark.parametrize("damage", [{"key": 7}, {"task_id": ""}, {"schema_version": 2, "key": None}])
    def test_where_the_manifest_cannot_be_read_or_says_more_than_is_seen_nothing_goes(
        self, store: Store, damage: dict[str, object]
    ) -> None:
        named, orphan, other = bring(store), leave_orphan(store), leave_orphan(store, day="2026-11-19")
        elsewhere = leave_orphan(store, kind="users", day=None)
        rewrite(store, named.manifest_key, **damage)
        left = dict.fromkeys((key_of(named), orphan, other), Fate.LEFT)
        assert swept(store) == left | {elsewhere: Fate.REMOVED}
        assert data(store) == {named.key, orphan, other}

    def test_a_manifest_of_a_later_version_may_name_what_is_elsewhere(self, store: Store) -> None:
        orphan = leave_orphan(store)
        later = f"{manifest_key_beside(orphan)}.v2.json"
        store.write(later, [json.dumps({"schema_version": 2, "keys": [orphan]}).encode()])
        assert swept(store) == {orphan: Fate.LEFT}

    @pytest.mark.parametrize("call", ["read", "delete"])
    def test_where_storage_refuses_it_is_told_and_left(self, store: Store, call: str) -> None:
        orphan, other = leave_orphan(store), leave_orphan(store, day="2026-11-19")
        found = list(sweep(Seam(store, **{call: refusing("day=2026-11-20")}), now=LATER, dry_run=False))
        left = next(leftover for leftover in found if leftover.key == orphan)
        assert (left.fate, "Could not reach" in left.detail) == (Fate.LEFT, True)
        assert data(store) == {orphan}
        assert {leftover.key for leftover in found} == {orphan, other}

    def test_an_object_in_an_unknown_place_is_not_removed(self, store: Store) -> None:
        strays = {"data/notes.txt", f"data/kind=desktops/project_id={PROJECT_ID}/loose.xlsx"}
        for key in (*strays, "orders/x.json", "doctor/x.json"):
            store.write(key, [b"x"])
        assert swept(store) == dict.fromkeys(strays, Fate.FOREIGN)
        assert data(store) == strays

    def test_a_manifest_that_goes_meanwhile_leaves_an_orphan(self, store: Store) -> None:
        landed = bring(store)
        assert swept(Seam(store, read=lambda key: store.delete(key) if store.read(key) else None)) == {
            key_of(landed): Fate.REMOVED
        }


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
class TestSweepAFolder:
    STAGED = f"data/kind=connection-records/project_id={PROJECT_ID}/day=2026-11-20/x-0000dead.xlsx#1"

    @pytest.fixture
    def staged(self, store: Store, tmp_path: Path) -> Path:
        """As a killed writer leaves it."""
        bring(store)
        path = tmp_path / self.STAGED
        path.write_bytes(b"half")
        return path

    def test_what_a_killed_writer_left_goes_once_it_is_old(self, store: Store, staged: Path) -> None:
        assert self.STAGED not in data(store)
        assert swept(store, now=None) == {}
        assert [(found.key, found.size_bytes, found.fate) for found in sweep(store, now=LATER)] == [
            (self.STAGED, 4, Fate.FOUND)
        ]
        assert swept(store) == {self.STAGED: Fate.REMOVED}
        assert not staged.exists()
        assert len(data(store)) == 1

    def test_nothing_else_in_the_folder_is_taken_for_it(self, store: Store, staged: Path, tmp_path: Path) -> None:
        staged.unlink()
        for name in ("data/x#", "data/x#1a", "data/#1", "mine/x#1", "x#1"):
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"x")
            os.utime(path, (0, 0))
        assert swept(store) == dict.fromkeys(["data/x#", "data/x#1a", "data/#1"], Fate.FOREIGN)

    def test_one_that_goes_meanwhile_is_no_error_and_one_that_cannot_go_is_told(
        self, store: Store, staged: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        remove_staged(store.url, "data/none#1")
        monkeypatch.setattr(Path, "unlink", lambda *_, **__: (_ for _ in ()).throw(PermissionError))
        (left,) = sweep(store, now=LATER, dry_run=False)
        assert isinstance(left, Leftover)
        assert (left.fate, left.detail) == (
            Fate.LEFT,
            f"Could not delete {self.STAGED!r} in the archive (PermissionError)",
        )
