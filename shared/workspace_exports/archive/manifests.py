"""Manifests in the archive: read, written create-only, and listed. Readers trust nothing else."""

from datetime import date

from pydantic import ValidationError

from workspace_exports.archive.keys import manifest_key, manifests_prefix, whole_day
from workspace_exports.archive.store import Store
from workspace_exports.contracts.events import OrderedExport
from workspace_exports.contracts.manifest import Manifest
from workspace_exports.errors import ArchiveUnavailable


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
        return Manifest.model_validate_json(content)
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


def archived_days(store: Store, kind: str, project_id: str) -> set[date]:
    """The whole, unfiltered days that are in the archive, from one listing; nothing is read."""
    days = (whole_day(key) for key in store.keys(manifests_prefix(kind, project_id)))
    return {day for day in days if day}
