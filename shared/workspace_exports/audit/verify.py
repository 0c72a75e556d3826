"""Check of the archive against itself: every manifest is read, and every object that it names is compared with it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from threading import Event

from pydantic import ValidationError

from workspace_exports.archive.layout import (
    REVOKED_PREFIX,
    manifest_key_beside,
    manifest_key_of_revocation,
    partition_of,
    revocation_key,
)
from workspace_exports.archive.manifests import Manifest, key_of, parse_manifest
from workspace_exports.archive.revocations import read_revoked_manifest
from workspace_exports.audit.orphans import GRACE, is_orphan
from workspace_exports.core.clock import utc_now
from workspace_exports.core.concurrency import PARALLEL, in_parallel
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.core.redaction import printable
from workspace_exports.exports import EXPORTS
from workspace_exports.storage.foreign_keys import REMOVE, everything, is_foreign
from workspace_exports.storage.store import Store
from workspace_exports.storage.stored_objects import StoredObject


class Verdict(StrEnum):
    """Verdict on a manifest, on a data object that no manifest names, or on a foreign name."""

    INTACT = "intact"
    MISSING = "missing"
    CHANGED = "changed"
    UNREADABLE = "unreadable"
    MISPLACED = "misplaced"
    UNREACHABLE = "unreachable"
    ORPHAN = "orphan"
    IN_FLIGHT = "in-flight"
    REVOKED = "revoked"
    FOREIGN = "foreign"

    @property
    def is_fault(self) -> bool:
        """True if an operator has to look into the finding."""
        return self not in (Verdict.INTACT, Verdict.REVOKED, Verdict.IN_FLIGHT, Verdict.FOREIGN)


@dataclass(frozen=True, slots=True)
class Finding:
    """Finding on one manifest, on one data object that no manifest names, or on a foreign name.

    Attributes:
        verdict: the result of the check.
        key: the key of the manifest, or of the revocation that keeps it; for a data object that no manifest names, its
            own key; for FOREIGN a printable form of the name.
        detail: the reason, with both values where two differ; empty if all is well.
        names: the data object's key as the manifest states it, even if the object is missing.
        read_bytes: the number of bytes of the data object that were read.
    """

    verdict: Verdict
    key: str
    detail: str = ""
    names: str | None = None
    read_bytes: int = 0


def verify(
    store: Store, *, parallel: int = PARALLEL, grace: timedelta = GRACE, now: datetime | None = None
) -> Iterator[Finding]:
    """Check the whole archive, one kind and project after the other, and yield each finding at once.

    Memory holds the keys of one kind and project, and a few pieces of objects. Nothing is written.

    Args:
        store: the archive.
        parallel: the number of objects that are read at once.
        grace: how long a data object may wait for its manifest.
        now: the time by the storage's clock.

    Raises:
        ArchiveUnavailable: the archive cannot be listed; an object that cannot be read is a finding.
    """
    settled_before = (now or utc_now()) - grace
    partitions: set[str] = set()
    yield from _foreign(store, partitions)
    for partition in sorted(partitions):
        yield from _verify_partition(store, partition, parallel, settled_before)


def _foreign(store: Store, partitions: set[str]) -> Iterator[Finding]:
    """Yield a finding on every foreign name, and add the partitions of all other objects to `partitions`."""
    for stored in everything(store):
        if is_foreign(stored):
            yield Finding(Verdict.FOREIGN, printable(stored.key), REMOVE)
        else:
            partitions.add(partition_of(stored.key) or "")


def _verify_partition(store: Store, partition: str, parallel: int, settled_before: datetime) -> Iterator[Finding]:
    """Yield the partition's findings. The manifests are listed first, since data is written before its manifest."""
    manifests = {
        stored.key
        for root in ("manifests", "revoked")
        for stored in store.objects(f"{root}/{partition}/")
        if not is_foreign(stored)
    }
    objects = {stored.key: stored for stored in store.objects(f"data/{partition}/") if not is_foreign(stored)}
    named: set[str | None] = set()
    faulty: set[str] = set()
    for finding in in_parallel(partial(_check_any, store, objects), manifests, workers=parallel):
        named.add(finding.names)
        if finding.verdict.is_fault:
            faulty.add(manifest_key_of_revocation(finding.key) or finding.key)
        yield finding
    for stored in objects.values():
        if stored.key not in named and manifest_key_beside(stored.key) not in faulty:
            yield from _judge_unnamed(store, stored, settled_before)


def _check_any(store: Store, objects: Mapping[str, StoredObject], key: str, abandoned: Event) -> Finding:
    check = _check_revoked if key.startswith(REVOKED_PREFIX) else _check
    return check(store, objects, key, abandoned)


def _check(store: Store, objects: Mapping[str, StoredObject], key: str, abandoned: Event) -> Finding:
    try:
        content = store.read(key)
    except ArchiveUnavailable as error:
        return Finding(Verdict.UNREACHABLE, key, error.what)
    if content is None:
        return Finding(Verdict.UNREACHABLE, key, "it was listed, and is gone")
    try:
        manifest = parse_manifest(key, content)
    except ArchiveUnavailable:
        return Finding(Verdict.UNREADABLE, key, "it is damaged, or of a later version")
    if manifest.kind not in EXPORTS:
        return Finding(Verdict.UNREADABLE, key, "it is of a kind this version does not know", manifest.key)
    misplaced = _misplaced(manifest, key)
    if misplaced:
        return Finding(Verdict.MISPLACED, key, misplaced, manifest.key)
    return _check_object(store, objects, key, manifest, abandoned)


def _check_revoked(store: Store, objects: Mapping[str, StoredObject], key: str, abandoned: Event) -> Finding:
    """Compare a revoked manifest with its object, as for any other manifest: the archive has to keep both."""
    try:
        manifest = read_revoked_manifest(store, key)
    except ArchiveUnavailable as error:
        return Finding(Verdict.UNREADABLE, key, error.what)
    if manifest.kind not in EXPORTS:
        return Finding(Verdict.UNREADABLE, key, "it is of a kind this version does not know", manifest.key)
    stood_at = manifest_key_of_revocation(key) or ""
    misplaced = _misplaced(manifest, stood_at)
    if misplaced or key != revocation_key(stood_at, manifest.task_id):
        return Finding(Verdict.MISPLACED, key, misplaced or f"it is of task {manifest.task_id}", manifest.key)
    found = _check_object(store, objects, key, manifest, abandoned)
    return replace(found, verdict=Verdict.REVOKED) if found.verdict is Verdict.INTACT else found


def _misplaced(manifest: Manifest, key: str) -> str | None:
    """Return how the manifest's content contradicts its place; None if it does not."""
    try:
        belongs = key_of(manifest)
    except ValidationError:
        return "its fields contradict each other"
    if belongs != key:
        return f"its content belongs to {belongs}"
    if manifest.key and manifest_key_beside(manifest.key) != key:
        return f"it names an object in another place: {manifest.key}"
    return None


def _check_object(
    store: Store, objects: Mapping[str, StoredObject], key: str, manifest: Manifest, abandoned: Event
) -> Finding:
    """Compare the object with its manifest, by size first: if the sizes differ, nothing needs to be read."""
    if manifest.key is None:
        is_empty = manifest.outcome == "empty" and not manifest.size_bytes
        return Finding(Verdict.INTACT, key) if is_empty else Finding(Verdict.MISSING, key, "it names no object")
    stored = objects.get(manifest.key)
    if stored is None:
        return Finding(Verdict.MISSING, key, f"{manifest.key} is not there", manifest.key)
    if stored.size_bytes != manifest.size_bytes:
        detail = f"{manifest.key} has {stored.size_bytes} bytes where {manifest.size_bytes} are recorded"
        return Finding(Verdict.CHANGED, key, detail, manifest.key)
    try:
        sha256, read_bytes = _digest(store.chunks(manifest.key), abandoned)
    except ArchiveUnavailable as error:
        return Finding(Verdict.UNREACHABLE, key, error.what, manifest.key)
    if sha256 == manifest.sha256:
        return Finding(Verdict.INTACT, key, names=manifest.key, read_bytes=read_bytes)
    detail = f"{manifest.key} has SHA-256 {sha256} where {manifest.sha256} is recorded"
    return Finding(Verdict.CHANGED, key, detail, manifest.key, read_bytes)


def _digest(chunks: Iterable[bytes], abandoned: Event) -> tuple[str, int]:
    """Return the SHA-256 in hex and the number of bytes it covers; both are partial once the check is abandoned."""
    digest, read_bytes = hashlib.sha256(), 0
    for chunk in chunks:
        if abandoned.is_set():
            break
        digest.update(chunk)
        read_bytes += len(chunk)
    return digest.hexdigest(), read_bytes


def _judge_unnamed(store: Store, stored: StoredObject, settled_before: datetime) -> Iterator[Finding]:
    """Yield a finding on an object that no manifest named when it was read; one written since may name it."""
    if stored.written_at >= settled_before:
        yield Finding(Verdict.IN_FLIGHT, stored.key, "it is too young to tell whether a manifest will name it")
        return
    try:
        if is_orphan(store, stored.key):
            yield Finding(Verdict.ORPHAN, stored.key, "no manifest names it")
    except ArchiveUnavailable as error:
        yield Finding(Verdict.UNREACHABLE, stored.key, error.what)
