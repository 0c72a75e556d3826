"""Manifests in the archive: read, written create-only, and listed. Readers trust nothing else."""

from datetime import date, timedelta
from typing import Literal

from pydantic import Field, JsonValue, ValidationError

from workspace_exports.archive.layout import SeriesName, before_day, manifest_key, manifests_prefix, whole_day
from workspace_exports.core.contract import Contract, Day, ProjectId, Record, TaskId, UtcTime
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.events import OrderedExport, PlacedExport
from workspace_exports.storage.foreign_keys import only_ours
from workspace_exports.storage.store import Store

FileFormat = Literal["xlsx", "zip", "csv", "unknown"]

SCHEMA_VERSION = 1
"""A manifest of a later one may name objects that this version does not see."""


class ManifestWindow(Contract):
    """What the data covers; a day is spelt out too."""

    day: Day | None = None
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None


class Manifest(Record):
    """Written last, never changed: what was archived, and how to check it.

    `key` is relative to the archive's root and None for an empty export; `format` is one of `FileFormat`, or a later
    version's word. `settled` says that the vendor could have nothing more of the window when it was ordered; for a
    snapshot, an open side, or a day asked for early, it is false. `note` says what is unusual about it: why it counts
    as empty, or of what other type than its name the file is. `correlation_id` is that of the log's lines about the
    export that landed.
    """

    schema_version: int = Field(default=SCHEMA_VERSION, ge=1)
    kind: str
    project_id: ProjectId
    window: ManifestWindow
    filters: dict[str, JsonValue]
    settled: bool = False
    outcome: Literal["landed", "empty"]
    task_id: TaskId
    file_name: str | None
    key: str | None
    size_bytes: int
    sha256: str
    format: str | None
    ordered_at: UtcTime
    landed_at: UtcTime
    vendor_request_ids: dict[str, str]
    correlation_id: str | None = None
    note: str | None = None


def find_manifest(store: Store, export: PlacedExport) -> Manifest | None:
    """What the archive has of this already, whichever task brought it.

    Raises:
        ArchiveUnavailable: storage refused, or holds a manifest that cannot be read.
    """
    return read_manifest(store, manifest_key(export))


def read_manifest(store: Store, key: str) -> Manifest | None:
    """The manifest under a key, or None.

    Raises:
        ArchiveUnavailable: there is one, and it cannot be read.
    """
    content = store.read(key)
    return None if content is None else parse_manifest(key, content)


def parse_manifest(key: str, content: bytes) -> Manifest:
    """What was read under a key.

    Raises:
        ArchiveUnavailable: it is no manifest, or of a later version with other words than ours.
    """
    try:
        return Manifest.read(content)
    except ValidationError as error:
        raise ArchiveUnavailable(
            f"The manifest {key!r} is not one this version can read",
            advice="If it is damaged, restore its first version; if it is of a later version, update this bundle",
        ) from error


def create_manifest(store: Store, key: str, manifest: Manifest) -> bool:
    """Commits: from here on the export exists. False if another one holds the key; that one stays."""
    return store.create(key, manifest.model_dump_json(indent=2).encode())


def key_of(manifest: Manifest) -> str:
    """Where a manifest of that content belongs.

    Raises:
        ValidationError: nowhere: its fields contradict each other, or it is of a kind this version does not know.
    """
    window = manifest.window
    export = OrderedExport(
        kind=manifest.kind,
        project_id=manifest.project_id,
        day=window.day,
        start_time=window.start_time,
        end_time=window.end_time,
        filters=manifest.filters,
        task_id=manifest.task_id,
        ordered_at=manifest.ordered_at,
    )
    return manifest_key(export, settled=manifest.settled)


def archived_days(store: Store, series: SeriesName, first: date | None = None, last: date | None = None) -> set[date]:
    """The whole days that are in the archive with exactly those filters, from one listing; nothing is read.

    Args:
        store: the archive.
        series: theirs.
        first: spares listing what is older.
        last: spares listing what is newer, and windows that are no days, which sort behind all days.
    """
    prefix = manifests_prefix(series.kind, series.project_id)
    after = before_day(prefix, first) if first else None
    before = before_day(prefix, last + timedelta(days=1)) if last else None
    listed = only_ours(store.objects(prefix, after, before))
    return {day for stored in listed if (day := whole_day(stored.key, series.filters_name))}
