"""Revoked manifests, each kept whole under its window and its task."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from pydantic import Field

from workspace_exports.archive.layout import revocations_prefix
from workspace_exports.archive.manifests import Manifest
from workspace_exports.core.contract import Record, UtcTime
from workspace_exports.core.errors import ArchiveUnavailable, Rejected
from workspace_exports.storage.store import Store


class Revocation(Record):
    """Record of a revoked manifest, written once before the manifest is deleted, and never changed.

    Attributes:
        manifest_key: the key under which the manifest stood.
        manifest: the whole manifest, character for character.
        sha256: digest of the manifest in UTF-8, in hex.
        why: the operator's reason.
    """

    schema_version: Literal[1] = 1
    manifest_key: str
    manifest: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    why: str
    revoked_at: UtcTime

    @property
    def content(self) -> bytes:
        """Bytes of the manifest as it stood.

        Raises:
            ValueError: the manifest in the record has been changed since.
        """
        content = self.manifest.encode()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise ValueError("the manifest in it is not the one whose digest it names")
        return content

    @property
    def parsed(self) -> Manifest:
        """Manifest that was revoked.

        Raises:
            ValueError: the text has been changed since, or is no manifest.
        """
        return Manifest.read(self.content)


def keep_revocation(store: Store, key: str, revocation: Revocation) -> Revocation:
    """Write the revocation under that key, once.

    Returns:
        The record under that key. If an earlier revocation did not finish, this is the earlier record.

    Raises:
        Rejected: another manifest of the same task is kept there already.
        ArchiveUnavailable: it cannot be written, or the earlier record cannot be read.
    """
    if store.create(key, revocation.model_dump_json(indent=2).encode()):
        return revocation
    with _reading(key):
        kept = Revocation.read(store.read(key) or b"")
        is_same = kept.content == revocation.content
    if not is_same:
        raise Rejected(
            f"An earlier manifest of the same task is kept under {key!r}: the task landed again while its day was "
            "being taken back",
            advice="Move that record to another place, then revoke the day again.",
        )
    return kept


def read_revoked_manifest(store: Store, key: str) -> Manifest:
    """Return the manifest that is kept in the revocation under that key.

    Raises:
        ArchiveUnavailable: the revocation cannot be read, has been changed since, or is of another version.
    """
    with _reading(key):
        return Revocation.read(store.read(key) or b"").parsed


@contextmanager
def _reading(key: str) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise ArchiveUnavailable(
            f"The revocation {key!r} is not one this version can read",
            advice="If it is damaged, restore its first version; if it is of a later version, update this bundle",
        ) from error


def revoked_manifests(store: Store, key: str) -> list[Manifest]:
    """Return the revoked manifests that stood under that key, in no order.

    Raises:
        ArchiveUnavailable: one of them cannot be read.
    """
    return [read_revoked_manifest(store, one) for one in store.keys(revocations_prefix(key))]
