"""Keys, verification and landing, on a real folder."""

import hashlib
import io
import json
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from obstore.store import LocalStore

from tests.support.builders.examples import PROJECT_ID, TASK_ID, Incoming, observed_export, workbook
from workspace_exports.archive.landing import find_landed, land, land_empty, remove_leftovers
from workspace_exports.archive.layout import (
    SeriesName,
    data_key,
    last_order_key,
    manifest_key,
    snapshot_day,
    snapshot_lower_bound,
    task_key,
)
from workspace_exports.archive.manifests import archived_days, key_of, read_manifest
from workspace_exports.archive.order_log import begin_order, find_order, record_task_of
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import ArchiveUnavailable, BadFile, Misconfigured
from workspace_exports.events import Archived, Outcome
from workspace_exports.storage.store import Store, open_store

BOOK = workbook()
PLACE = f"kind=connection-records/project_id={PROJECT_ID}"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(tmp_path.as_uri())


def pieces(content: bytes, size: int = 1000) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


def bring(store: Store, content: bytes = BOOK, announced: int | None = None, **changes: object) -> Archived:
    return land(store, observed_export(**changes), Incoming(pieces(content), announced, "r", "s"))


def files(store: Store) -> list[str]:
    return sorted(store.keys(""))


class TestKeys:
    @pytest.mark.parametrize(
        ("changes", "name"),
        [
            ({}, "day=2026-11-20"),
            ({"day": None, "start_time": "2026-11-20T00:00:00Z", "end_time": "2026-11-20T23:59:59Z"}, "day=2026-11-20"),
            (
                {"day": None, "start_time": "2026-11-20T00:00:00Z", "end_time": "2026-11-20T12:00:00Z"},
                "window=20261120T000000Z--20261120T120000Z",
            ),
            (
                {"day": None, "start_time": "2026-11-20T00:00:00Z"},
                "window=20261120T000000Z--open.ordered-20261122T043000Z",
            ),
            (
                {"day": None, "end_time": "2026-11-20T00:00:00Z"},
                "window=open--20261120T000000Z.ordered-20261122T043000Z",
            ),
            ({"day": None}, "snapshot=20261122T043000Z"),
            ({"day": "2026-11-21"}, "day=2026-11-21."),
            ({"day": "2026-11-21", "ordered_at": "2026-11-22T02:59:59Z"}, "day=2026-11-21.ordered-20261122T025959Z"),
            ({"day": "2026-11-21", "kind": "desktop-usage"}, "day=2026-11-21.ordered-20261122T043000Z"),
            (
                {"day": None, "start_time": "2026-11-22T00:00:00Z", "end_time": "2026-11-22T04:00:00Z"},
                "window=20261122T000000Z--20261122T040000Z.ordered-20261122T043000Z",
            ),
            ({"filters": {"user_name": "x"}}, "day=2026-11-20.filters-"),
        ],
    )
    def test_a_window_has_one_name(self, changes: dict[str, object], name: str) -> None:
        export = observed_export(**changes)
        place = PLACE.replace("connection-records", export.kind)
        assert manifest_key(export).startswith(f"manifests/{place}/{name}")
        assert data_key(export, "f00d", ".xlsx").startswith(f"data/{place}/{name}".rstrip("."))
        assert data_key(export, "f00d", ".xlsx").endswith(f"/{TASK_ID}-f00d.xlsx")

    def test_what_a_record_says_of_its_settling_counts_and_not_todays_rule(self) -> None:
        export = observed_export()
        plain, ordered = manifest_key(export), manifest_key(export, settled=False)
        assert manifest_key(export, settled=True) == plain
        assert ordered.startswith(f"{plain.removesuffix('.json')}.ordered-")

    def test_the_order_of_filters_does_not_matter_and_their_values_do(self) -> None:
        one = manifest_key(observed_export(filters={"a": "1", "b": "2"}))
        assert one == manifest_key(observed_export(filters={"b": "2", "a": "1"}))
        assert one != manifest_key(observed_export(filters={"a": "1", "b": "3"}))

    def test_a_days_snapshots_lie_between_its_bound_and_the_next_days(self) -> None:
        key = manifest_key(observed_export(day=None))
        prefix = key.partition("snapshot=")[0]
        bounds = [snapshot_lower_bound(prefix, date(2026, 11, day)) for day in (21, 22, 23)]
        assert sorted([key, *bounds]) == [*bounds[:2], key, bounds[2]]
        assert snapshot_day(key, "") == date(2026, 11, 22)

    def test_in_the_order_book_a_snapshot_is_the_same_whenever_it_is_ordered(self) -> None:
        for hour in ("03", "04"):
            export = observed_export(day=None, ordered_at=f"2026-11-22T{hour}:30:00Z")
            assert last_order_key(export) == f"orders/by-window/{PLACE}/snapshot.json"

    @pytest.mark.parametrize(
        ("name", "extension"),
        [
            ("a.xlsx", ".xlsx"),
            ("A.XLS", ".xls"),
            ("a.b.csv", ".csv"),
            ("a.zip", ".zip"),
            ("a.exe", ".bin"),
            (None, ".bin"),
        ],
    )
    def test_the_data_have_the_extension_of_the_vendors_file_where_it_is_a_known_one(
        self, store: Store, name: str | None, extension: str
    ) -> None:
        archived = bring(store, file_name=name)
        assert (archived.key or "").endswith(extension)

    @pytest.mark.parametrize("name", ["../../etc/passwd", "a/b\x00.xlsx", "x" * 300 + ".XLSX", "名.exe", "", None])
    def test_the_vendors_file_name_never_reaches_a_key(self, store: Store, name: str | None) -> None:
        archived = bring(store, file_name=name)
        assert re.fullmatch(rf"data/{PLACE}/day=2026-11-20/{TASK_ID}-[0-9a-f]{{8}}\.(xlsx|bin)", archived.key or "")
        manifest = read_manifest(store, archived.manifest_key)
        assert manifest is not None
        assert manifest.file_name == name


class TestLanding:
    def test_the_file_lands_byte_for_byte_and_the_manifest_says_how_to_check_it(self, store: Store) -> None:
        archived = bring(store, announced=len(BOOK), filters={"user_name": "x"}, correlation_id="run-1")
        assert archived.outcome is Outcome.LANDED
        assert archived.key
        assert b"".join(store.chunks(archived.key)) == BOOK
        assert archived.url == f"{store.url}/{archived.key}"
        document = json.loads(store.read(archived.manifest_key) or b"")
        landed_at = datetime.fromisoformat(document.pop("landed_at"))
        assert landed_at.tzinfo is not None
        assert document == {
            "schema_version": 1,
            "kind": "connection-records",
            "project_id": PROJECT_ID,
            "window": {
                "day": "2026-11-20",
                "start_time": "2026-11-20T00:00:00Z",
                "end_time": "2026-11-20T23:59:59Z",
            },
            "filters": {"user_name": "x"},
            "settled": True,
            "outcome": "landed",
            "task_id": TASK_ID,
            "file_name": "records.xlsx",
            "key": archived.key,
            "size_bytes": len(BOOK),
            "sha256": hashlib.sha256(BOOK).hexdigest(),
            "format": "xlsx",
            "ordered_at": "2026-11-22T04:30:00Z",
            "vendor_request_ids": {"download": "r", "download-2": "s"},
            "correlation_id": "run-1",
            "note": None,
        }

    def test_a_bad_file_leaves_nothing_behind(self, store: Store) -> None:
        with pytest.raises(BadFile):
            bring(store, BOOK[:-1])
        assert files(store) == []

    def test_a_file_that_is_not_what_its_name_says_leaves_nothing_behind(self, store: Store) -> None:
        with pytest.raises(BadFile, match="no workbook, though its name says so"):
            bring(store, b"a,b,c", file_name="records.xlsx")
        assert files(store) == []

    def test_an_error_while_reading_comes_out_unchanged_and_leaves_nothing_behind(self, store: Store) -> None:
        def broken() -> Iterator[bytes]:
            yield BOOK
            raise BadFile("cut short")

        with pytest.raises(BadFile, match="cut short"):
            land(store, observed_export(), Incoming(broken()))
        assert files(store) == []

    def test_a_body_that_ends_at_once_without_a_length_is_no_empty_file(self, store: Store) -> None:
        with pytest.raises(BadFile, match="no length was announced"):
            bring(store, b"")
        assert files(store) == []

    def test_a_file_without_a_byte_is_none(self, store: Store) -> None:
        for chunks in ([], [b"", b""]):
            with pytest.raises(BadFile, match="as announced"):
                land(store, observed_export(), Incoming(chunks, 0))
        assert files(store) == []

    def test_what_has_no_data_is_recorded_as_empty_and_why(self, store: Store) -> None:
        archived = land_empty(store, observed_export(), "Two tasks said so", "r1")
        assert (archived.outcome, archived.key, archived.url, archived.size_bytes) == (Outcome.EMPTY, None, None, 0)
        assert files(store) == [archived.manifest_key]
        manifest = read_manifest(store, archived.manifest_key)
        assert manifest is not None
        assert (manifest.format, manifest.note) == (None, "Two tasks said so")
        assert manifest.vendor_request_ids == {"download": "r1"}
        assert archived_days(store, SeriesName(PROJECT_ID, "connection-records")) == {date(2026, 11, 20)}

    def test_the_second_to_commit_yields_and_removes_its_own_copy(self, store: Store) -> None:
        first = bring(store)
        second = bring(store, workbook("another"), task_id="another")
        assert second == first.model_copy(update={"outcome": Outcome.ALREADY_LANDED})
        assert files(store) == sorted([first.key or "", first.manifest_key])

    def test_a_second_fetch_of_the_same_task_cannot_touch_what_the_manifest_names(self, store: Store) -> None:
        first = bring(store)
        assert bring(store, workbook("other bytes this time")).outcome is Outcome.ALREADY_LANDED
        assert b"".join(store.chunks(first.key or "")) == BOOK
        assert files(store) == sorted([first.key or "", first.manifest_key])

    def test_a_commit_whose_answer_is_lost_is_still_ours(self, tmp_path: Path) -> None:
        store = ForgetfulStore(tmp_path.as_uri(), LocalStore(tmp_path))
        archived = bring(store, BOOK, announced=len(BOOK))
        assert archived.outcome is Outcome.LANDED
        assert files(store) == sorted(key for key in (archived.key, archived.manifest_key) if key)

    def test_an_empty_second_yields_too(self, store: Store) -> None:
        bring(store)
        second = land_empty(store, observed_export(task_id="another"), "Two tasks said so", None)
        assert second.outcome is Outcome.ALREADY_LANDED

    def test_what_has_landed_is_found_by_any_task_of_the_window(self, store: Store) -> None:
        assert find_landed(store, observed_export()) is None
        landed = bring(store)
        found = find_landed(store, observed_export(task_id="another"))
        assert found == landed.model_copy(update={"outcome": Outcome.ALREADY_LANDED})

    def test_a_filtered_export_does_not_stand_for_the_day(self, store: Store) -> None:
        bring(store, filters={"user_name": "x"})
        bring(store, day=None, start_time="2026-11-19T00:00:00Z")
        assert archived_days(store, SeriesName(PROJECT_ID, "connection-records")) == set()
        bring(store, day="2026-11-18")
        assert archived_days(store, SeriesName(PROJECT_ID, "connection-records")) == {date(2026, 11, 18)}


class ForgetfulStore(Store):
    """A store whose answer to a create is lost, and which then finds its own object in the way of its retry."""

    def create(self, key: str, content: bytes) -> bool:
        assert super().create(key, content)
        return super().create(key, content)


class TestOrderBook:
    def test_a_task_that_is_remembered_tells_when_and_by_whom(self, store: Store) -> None:
        record_task_of(store, observed_export(correlation_id="run-1"))
        order = find_order(store, TASK_ID)
        assert order is not None
        assert (order.task_id, order.correlation_id) == (TASK_ID, "run-1")
        assert order.adopted_at is not None

    def test_who_adopts_a_task_is_who_is_told_of(self, store: Store) -> None:
        order = begin_order(store, observed_export(correlation_id="run-1"))
        order.record_adoption(TASK_ID, utc_now(), "run-2")
        found = find_order(store, TASK_ID)
        assert found is not None
        assert found.correlation_id == "run-2"

    def test_a_note_that_is_not_understood_is_none(self, store: Store) -> None:
        assert find_order(store, TASK_ID) is None
        store.replace(task_key(TASK_ID), b"{")
        assert find_order(store, TASK_ID) is None


class TestLeftovers:
    def leave(self, store: Store, *names: str) -> list[str]:
        keys = [f"data/{PLACE}/day=2026-11-20{name}" for name in names]
        for key in keys:
            store.write(key, [b"half"])
        return keys

    def test_of_the_same_thing_are_removed_once_there_is_a_manifest(self, store: Store) -> None:
        self.leave(store, f"/{TASK_ID}-00000000.xlsx", "/another-11111111.xlsx")
        others = self.leave(store, ".filters-0/x.xlsx", ".ordered-20261120T000000Z/y.xlsx", "1/z.xlsx")
        landed = bring(store)
        remove_leftovers(store, observed_export(), written_before=utc_now() + timedelta(hours=1))
        assert files(store) == sorted([*others, landed.key or "", landed.manifest_key])

    def test_of_fetches_still_under_way_are_left_to_them(self, store: Store) -> None:
        (theirs,) = self.leave(store, "/another-11111111.xlsx")
        landed = bring(store)
        remove_leftovers(store, observed_export(), written_before=utc_now() - timedelta(hours=1))
        assert files(store) == sorted([theirs, landed.key or "", landed.manifest_key])

    def test_without_a_manifest_nothing_is_removed(self, store: Store) -> None:
        left = self.leave(store, "/another-11111111.xlsx")
        remove_leftovers(store, observed_export(), written_before=utc_now() + timedelta(hours=1))
        assert files(store) == left

    def test_that_cannot_be_removed_are_left_to_the_sweep(self, store: Store, log: io.StringIO) -> None:
        store.write(manifest_key(observed_export()), [b"?"])
        remove_leftovers(store, observed_export(), written_before=utc_now())
        assert "leftovers not removed" in log.getvalue()


class VanishingStore(Store):
    """A store in which somebody deletes manifests as soon as they are written."""

    def read(self, key: str) -> bytes | None:
        return None


class TestStore:
    def test_a_manifest_deleted_under_our_hands_is_not_called_landed(self, tmp_path: Path, store: Store) -> None:
        bring(store)
        vanishing = VanishingStore(store.url, LocalStore(tmp_path))
        with pytest.raises(ArchiveUnavailable, match="at the same time"):
            bring(vanishing, task_id="another")

    def test_a_folder_may_have_a_name_with_a_space(self, tmp_path: Path) -> None:
        folder = tmp_path / "my archive"
        archived = bring(open_store(folder.as_uri()))
        assert (folder / (archived.key or "")).is_file()

    def test_a_folder_that_cannot_be_made_is_told_before_anything_happens(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(Misconfigured, match=r"cannot be written to|neither"):
            open_store((tmp_path / "file" / "folder").as_uri())

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff"])
    def test_a_manifest_that_cannot_be_read_is_told_and_not_taken_for_none(self, store: Store, content: bytes) -> None:
        key = manifest_key(observed_export())
        store.write(key, [content])
        with pytest.raises(ArchiveUnavailable, match=f"{re.escape(key)}.* is not one this version can read"):
            bring(store)

    def test_a_manifest_belongs_where_its_own_settling_puts_it(self, store: Store) -> None:
        landed = bring(store)
        manifest = read_manifest(store, landed.manifest_key)
        assert manifest is not None
        assert key_of(manifest) == landed.manifest_key
        assert ".ordered-" in key_of(manifest.model_copy(update={"settled": False}))

    def test_a_manifest_of_a_later_version_is_read(self, store: Store) -> None:
        landed = bring(store)
        document = json.loads(store.read(landed.manifest_key) or b"") | {
            "schema_version": 2,
            "colour": "red",
            "format": "parquet",
        }
        store.write(landed.manifest_key, [json.dumps(document).encode()])
        assert find_landed(store, observed_export())

    def test_what_looks_like_a_day_and_is_none_disturbs_no_plan(self, store: Store) -> None:
        store.write(f"manifests/{PLACE}/day=2026-02-30.json", [b"{}"])
        assert archived_days(store, SeriesName(PROJECT_ID, "connection-records")) == set()

    @pytest.mark.parametrize("url", ["", "bucket", "s3://", "https://bucket", "file://host/path", "file:relative"])
    def test_an_archive_url_of_another_kind_is_refused(self, url: str) -> None:
        with pytest.raises(Misconfigured, match="neither s3://bucket/prefix nor file:///path"):
            open_store(url)

    def test_a_folder_that_cannot_be_written_is_an_unavailable_archive(self, tmp_path: Path) -> None:
        (tmp_path / "data").write_text("in the way")
        with pytest.raises(ArchiveUnavailable, match="Could not write 'data/"):
            bring(open_store(tmp_path.as_uri()))

    def test_what_is_not_there_reads_as_none(self, store: Store) -> None:
        assert store.read("manifests/none.json") is None
