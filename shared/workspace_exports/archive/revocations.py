"""Manifests that were taken back: kept whole, each under the window and the task that it was of."""

from workspace_exports.archive.keys import revocations_prefix
from workspace_exports.archive.store import Store
from workspace_exports.contracts.manifest import Manifest
from workspace_exports.contracts.revocations import Revocation
from workspace_exports.errors import ArchiveUnavailable


def read_revoked_manifest(store: Store, key: str) -> Manifest:
    """Return the manifest that is kept under that key of a revocation.

    Raises:
        ArchiveUnavailable: it cannot be read, has been changed since, or is of another version.
    """
    try:
        return Revocation.read(store.read(key) or b"").parsed
    except ValueError as error:
        raise ArchiveUnavailable(
            f"The revocation {key!r} is not one this version can read",
            advice="If it is damaged, restore its first version; if it is of a later version, update this bundle",
        ) from error


def revoked_manifests(store: Store, key: str) -> list[Manifest]:
    """The manifests that stood under that key and were taken back, in no order.

    Raises:
        ArchiveUnavailable: one of them cannot be read.
    """
    return [read_revoked_manifest(store, one) for one in store.keys(revocations_prefix(key))]
