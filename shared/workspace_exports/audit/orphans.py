"""Orphans: data objects that no manifest names.

A fetch that lost a race or was killed leaves them. Readers do not see them.
"""

from datetime import timedelta

from workspace_exports.archive.layout import manifest_key_beside
from workspace_exports.archive.manifests import SCHEMA_VERSION, Manifest, read_manifest
from workspace_exports.archive.revocations import revoked_manifests
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.storage.store import Store

GRACE = timedelta(days=1)
"""Age of an object below which its manifest may still follow: the object is written first."""


def is_orphan(store: Store, key: str) -> bool:
    """Return whether no manifest that may name the data object names it now; revoked manifests count too.

    Raises:
        ArchiveUnavailable: such a manifest cannot be read, or cannot be read in full.
    """
    beside = manifest_key_beside(key)
    if beside is None:
        return True
    manifest = read_whole_manifest(store, beside)
    if manifest and manifest.key == key:
        return False
    return all(revoked.key != key for revoked in revoked_manifests(store, beside))


def read_whole_manifest(store: Store, key: str) -> Manifest | None:
    """Return the manifest under the key; None if there is none.

    Raises:
        ArchiveUnavailable: it cannot be read, or is of a later version and may name more than this version sees.
    """
    manifest = read_manifest(store, key)
    if manifest and manifest.schema_version > SCHEMA_VERSION:
        raise ArchiveUnavailable(f"The manifest {key!r} is of a later version, and may name more than is seen here")
    return manifest
