"""Data objects that no manifest names: left by a fetch that lost a race or was killed. To readers they do not exist."""

from datetime import timedelta

from workspace_exports.archive.layout import manifest_key_beside
from workspace_exports.archive.manifests import SCHEMA_VERSION, Manifest, read_manifest
from workspace_exports.archive.revocations import revoked_manifests
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.storage.store import Store

GRACE = timedelta(days=1)
"""A younger object may be waiting for its manifest: it is written before that."""


def is_orphan(store: Store, key: str) -> bool:
    """Whether, as of now, no manifest that may name the data object does, be it one that was taken back.

    Raises:
        ArchiveUnavailable: it cannot be told, because such a manifest cannot be read, or not all of it.
    """
    beside = manifest_key_beside(key)
    if beside is None:
        return True
    manifest = read_whole_manifest(store, beside)
    if manifest and manifest.key == key:
        return False
    return all(revoked.key != key for revoked in revoked_manifests(store, beside))


def read_whole_manifest(store: Store, key: str) -> Manifest | None:
    """The manifest under a key, if it says nothing that this version does not see.

    Raises:
        ArchiveUnavailable: it does, or cannot be read.
    """
    manifest = read_manifest(store, key)
    if manifest and manifest.schema_version > SCHEMA_VERSION:
        raise ArchiveUnavailable(f"The manifest {key!r} is of a later version, and may name more than is seen here")
    return manifest
