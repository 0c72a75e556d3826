"""Manifests in the archive: reading, create-only writing and listing. Readers trust nothing else."""

from datetime import date, timedelta
from typing import Literal

from pydantic import Field, JsonValue, ValidationError

from workspace_exports.archive.layout import SeriesName, day_lower_bound, manifest_key, manifests_prefix, whole_day
from workspace_exports.core.contract import Contract, Day, ProjectId, Record, TaskId, UtcTime
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.events import OrderedExport, PlacedExport
from workspace_exports.storage.foreign_keys import only_ours
from workspace_exports.storage.store import Store

FileFormat = Literal["xlsx", "zip", "csv", "ndjson", "unknown"]

SCHEMA_VERSION = 1
"""Version of the schema. A manifest of a later one may name objects that this version does not see."""


class ManifestWindow(Contract):
    """Window that the data covers. A day has its start and end too."""

    day: Day | None = None
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None


class Manifest(Record):
    """Record of an archived export and the means to check it, written last and never changed.

    `key` is relative to the archive's root and None for an empty export; `format` is one of `FileFormat`, or a later
    version's word. `settled` is true if the vendor could add nothing to the window when it was ordered; for a snapshot,
    an open side, or a day that was ordered early, it is false. `note` states what is unusual: the reason why the export
    counts as empty, or the file's type if its name says another. `correlation_id` is that of the log's lines about the
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
    """Return the manifest that the archive has of the export, from any task; None if there is none.

    Raises:
        ArchiveUnavailable: the storage refused, or holds a manifest that cannot be read.
    """
    return read_manifest(store, manifest_key(export))


def read_manifest(store: Store, key: str) -> Manifest | None:
    """Return the manifest under a key, or None if there is none.

    Raises:
        ArchiveUnavailable: the storage refused, or holds a manifest that this version cannot read.
    """
    content = store.read(key)
    return None if content is None else parse_manifest(key, content)


def parse_manifest(key: str, content: bytes) -> Manifest:
    """Return the manifest in the content that was read under a key.

    Raises:
        ArchiveUnavailable: it is no manifest, or one of a later version that this version cannot read.
    """
    try:
        return Manifest.read(content)
    except ValidationError as error:
        raise ArchiveUnavailable(
            f"The manifest {key!r} is not one this version can read",
            advice="If it is damaged, restore its first version; if it is of a later version, update this bundle",
        ) from error


def create_manifest(store: Store, key: str, manifest: Manifest) -> bool:
    """Commit the export, which exists from here on. Return False if another manifest holds the key; that one stays."""
    return store.create(key, manifest.model_dump_json(indent=2).encode())


def key_of(manifest: Manifest) -> str:
    """Return the key of a manifest with that content.

    Raises:
        ValidationError: it has no key: its fields contradict each other, or this version does not know its kind.
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
    """Return the whole days that the archive has with exactly those filters, from one listing; no object is read.

    Args:
        store: the archive.
        series: the series of the days.
        first: the first day to list; older ones are not listed.
        last: the last day to list; newer ones are not listed, nor are other windows, which sort behind all days.
    """
    prefix = manifests_prefix(series.kind, series.project_id)
    after = day_lower_bound(prefix, first) if first else None
    before = day_lower_bound(prefix, last + timedelta(days=1)) if last else None
    listed = only_ours(store.objects(prefix, after, before))
    return {day for stored in listed if (day := whole_day(stored.key, series.filters_name))}
