"""Removal of leftovers: data objects that no manifest names, and on a folder the temporary files of killed writers."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from threading import Event

from workspace_exports.archive.layout import partition_of
from workspace_exports.archive.manifests import read_manifest
from workspace_exports.audit.orphans import GRACE, is_orphan, read_whole_manifest
from workspace_exports.audit.temp_files import remove_staged, staged_files
from workspace_exports.core.clock import utc_now
from workspace_exports.core.concurrency import PARALLEL, in_parallel
from workspace_exports.core.errors import ArchiveUnavailable, Rejected
from workspace_exports.core.redaction import printable
from workspace_exports.storage.foreign_keys import REMOVE, everything, is_foreign
from workspace_exports.storage.store import Store
from workspace_exports.storage.stored_objects import StoredObject

_LARGEST_MANIFEST_BYTES = 1024 * 1024

SHORTEST_GRACE = timedelta(hours=1)
"""Lowest age that `sweep` accepts: several times the time that a fetch may take from first byte to manifest."""


class Fate(StrEnum):
    """Outcome for a leftover."""

    FOUND = "found"
    REMOVED = "removed"
    LEFT = "left"
    FOREIGN = "foreign"


@dataclass(frozen=True, slots=True)
class Leftover:
    """Object or file that no reader needs.

    Attributes:
        key: the key below the archive's URL; for FOREIGN a printable form of it.
        size_bytes: its size.
        written_at: UTC, by the storage's clock.
        fate: FOUND in a dry run; LEFT if a manifest that cannot be read in full may name it, or the storage refuses;
            FOREIGN for a name that this bundle has not written and does not remove.
        detail: the reason why it was left; for FOREIGN, advice.
    """

    key: str
    size_bytes: int
    written_at: datetime
    fate: Fate
    detail: str = ""


def sweep(
    store: Store, *, older_than: timedelta = GRACE, dry_run: bool = True, now: datetime | None = None
) -> Iterator[Leftover]:
    """Yield each leftover, and remove it unless this is a dry run.

    An object stays if any manifest of its kind and project names it. If one of these manifests cannot be read, nothing
    of that kind and project is removed. Right before an object is removed, the manifests that may name it are read once
    more, revoked ones included. Incomplete uploads to S3 are left to the bucket's lifecycle rule.

    Args:
        store: the archive.
        older_than: the age from which on an object without a manifest will not get one any more.
        dry_run: whether to report only.
        now: the time by the storage's clock.

    Raises:
        Rejected: `older_than` is so low that a fetch may still be about to write its manifest.
        ArchiveUnavailable: the archive cannot be listed.
    """
    if older_than < SHORTEST_GRACE:
        raise Rejected(f"older_than must be {SHORTEST_GRACE} or more: a fetch may be about to name what it has written")
    return _sweep(store, (now or utc_now()) - older_than, dry_run=dry_run)


def _sweep(store: Store, before: datetime, *, dry_run: bool) -> Iterator[Leftover]:
    partitions: set[str] = set()
    for stored in everything(store):
        if is_foreign(stored):
            yield Leftover(printable(stored.key), stored.size_bytes, stored.written_at, Fate.FOREIGN, REMOVE)
        else:
            partitions.add(partition_of(stored.key) or "")
    for partition in sorted(partitions):
        yield from _sweep_partition(store, partition, before, dry_run=dry_run)
    for staged in staged_files(store.url):
        if staged.written_at < before:
            yield _removed(staged, partial(remove_staged, store.url, staged.key), dry_run=dry_run)


def _sweep_partition(store: Store, partition: str, before: datetime, *, dry_run: bool) -> Iterator[Leftover]:
    """Yield the partition's leftovers. Foreign names are skipped; if a manifest cannot be read, nothing is removed."""
    ours = {stored.key: stored for stored in store.objects(f"data/{partition}/") if not is_foreign(stored)}
    old = [stored for stored in ours.values() if stored.written_at < before]
    try:
        named = _named(store, partition) if old else set()
    except ArchiveUnavailable as error:
        yield from (_leftover(stored, Fate.LEFT, error.what) for stored in old if _may_be_left_over(store, stored))
        return
    for stored in old:
        if stored.key not in named:
            yield from _sweep_object(store, stored, dry_run=dry_run)


def _named(store: Store, partition: str) -> set[str | None]:
    """Return the key of every object that a manifest of the partition names, in this partition or in another.

    Raises:
        ArchiveUnavailable: a manifest cannot be read, or may name more than this version sees.
    """
    return set(in_parallel(partial(_name, store), store.objects(f"manifests/{partition}/"), workers=PARALLEL))


def _name(store: Store, stored: StoredObject, _: Event) -> str | None:
    """Return the key that the manifest names, if any. A foreign object counts only if it is a renamed manifest."""
    if is_foreign(stored) and not _may_be_a_manifest(store, stored):
        return None
    manifest = read_whole_manifest(store, stored.key)
    return manifest.key if manifest else None


def _may_be_a_manifest(store: Store, stored: StoredObject) -> bool:
    with suppress(ArchiveUnavailable):
        return stored.size_bytes <= _LARGEST_MANIFEST_BYTES and read_manifest(store, stored.key) is not None
    return False


def _may_be_left_over(store: Store, stored: StoredObject) -> bool:
    try:
        return is_orphan(store, stored.key)
    except ArchiveUnavailable:
        return True


def _sweep_object(store: Store, stored: StoredObject, *, dry_run: bool) -> Iterator[Leftover]:
    try:
        if not is_orphan(store, stored.key):
            return
    except ArchiveUnavailable as error:
        yield _leftover(stored, Fate.LEFT, error.what)
        return
    yield _removed(stored, partial(store.delete, stored.key), dry_run=dry_run)


def _removed(stored: StoredObject, remove: Callable[[], None], *, dry_run: bool) -> Leftover:
    if dry_run:
        return _leftover(stored, Fate.FOUND)
    try:
        remove()
    except ArchiveUnavailable as error:
        return _leftover(stored, Fate.LEFT, error.what)
    return _leftover(stored, Fate.REMOVED)


def _leftover(stored: StoredObject, fate: Fate, detail: str = "") -> Leftover:
    return Leftover(stored.key, stored.size_bytes, stored.written_at, fate, detail)
