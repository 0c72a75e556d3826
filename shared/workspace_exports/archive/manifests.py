"""Manifests in the archive: read, written create-only, and listed. Readers trust nothing else."""

from datetime import date

from workspace_exports.archive.keys import manifests_prefix, whole_day
from workspace_exports.archive.store import Store
from workspace_exports.contracts.manifest import Manifest


def read_manifest(store: Store, key: str) -> Manifest | None:
    """The manifest under a key, or None."""
    content = store.read(key)
    return None if content is None else Manifest.model_validate_json(content)


def create_manifest(store: Store, key: str, manifest: Manifest) -> bool:
    """Commits: from here on the export exists. False if another one holds the key; that one stays."""
    return store.create(key, manifest.model_dump_json(indent=2).encode())


def archived_days(store: Store, kind: str, project_id: str) -> set[date]:
    """The whole, unfiltered days that are in the archive, from one listing; nothing is read."""
    days = (whole_day(key) for key in store.keys(manifests_prefix(kind, project_id)))
    return {date.fromisoformat(day) for day in days if day}
