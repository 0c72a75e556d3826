"""Landing of an export, exactly once: stream and check the file, then write the manifest that makes it exist."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol, Self

from workspace_exports.archive.file_checks import Inspection
from workspace_exports.archive.layout import data_key, leftovers_prefix, manifest_key, new_nonce
from workspace_exports.archive.manifests import FileFormat, Manifest, ManifestWindow, create_manifest, find_manifest
from workspace_exports.archive.revocations import revoked_manifests
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import ArchiveUnavailable, Misconfigured
from workspace_exports.core.log import logger
from workspace_exports.events import Archived, ObservedExport, Outcome, PlacedExport
from workspace_exports.exports import find_export
from workspace_exports.storage.foreign_keys import only_ours
from workspace_exports.storage.store import Store


class IncomingFile(Protocol):
    """Stream of bytes that is read once, and the facts known about it."""

    @property
    def size_bytes(self) -> int | None:
        """Announced length in bytes; None if none was announced."""

    @property
    def is_framed(self) -> bool:
        """True if the end is marked, by a length or a last chunk: a stream that reaches its end is then whole."""

    @property
    def request_ids(self) -> tuple[str, ...]:
        """Vendor's request ids of the answers that have brought bytes so far."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes, in chunks of any size."""


_KNOWN_EXTENSIONS = {".xlsx", ".xls", ".csv", ".zip", ".ndjson"}
_OTHER_EXTENSION = ".bin"
_NEVER_EMPTY = {".xlsx", ".xls", ".zip"}


def find_landed(store: Store, export: PlacedExport) -> Archived | None:
    """Return the export as the archive has it; None if it has not landed."""
    manifest = find_manifest(store, export)
    return _archived(store, manifest_key(export), manifest, Outcome.ALREADY_LANDED) if manifest else None


def land(store: Store, export: ObservedExport, file: IncomingFile, accepted_type: str | None = None) -> Archived:
    """Stream the file to a key of its own, check it on the way, and commit with a create-only manifest.

    Args:
        store: the archive.
        export: an export whose task has ended in SUCCESS.
        file: the file's bytes, which are read once.
        accepted_type: a type that is accepted although the file's name says another, since two tasks have brought it.

    Raises:
        BadFile: the bytes are not the file; nothing is left behind.
        ArchiveUnavailable: the storage refused; a data object without a manifest may be left, and does not count.
        Misconfigured: the storage can create no manifest; the data object is deleted if possible.
    """
    extension = extension_of(export.file_name)
    inspection = Inspection(file.size_bytes, extension, accepted_type, is_framed=file.is_framed)
    key = data_key(export, new_nonce(), extension)
    store.write(key, inspection.watch(file))
    return _commit(store, export, _Content.of(key, inspection), file.request_ids)


def land_empty(store: Store, export: ObservedExport, note: str, request_id: str | None) -> Archived:
    """Commit that the vendor has no data for the window.

    Args:
        store: the archive.
        export: an export whose task has ended.
        note: the reason to believe it.
        request_id: the vendor's request id of the answer that said so, if it has one.

    Raises:
        ArchiveUnavailable: the storage refused; nothing has landed.
    """
    return _commit(store, export, _Content(note=note), (request_id,) if request_id else ())


@dataclass(frozen=True, slots=True)
class _Content:
    """Facts about the data for the manifest; by default, that there is no data."""

    note: str | None
    key: str | None = None
    size_bytes: int = 0
    sha256: str = hashlib.sha256().hexdigest()
    format: FileFormat | None = None

    @classmethod
    def of(cls, key: str, inspection: Inspection) -> Self:
        """Return the facts that the inspection has found about the object under that key."""
        return cls(inspection.note, key, inspection.size_bytes, inspection.sha256, inspection.format)


def _commit(store: Store, export: ObservedExport, content: _Content, request_ids: tuple[str, ...]) -> Archived:
    manifest = _manifest(export, content, request_ids)
    try:
        created = create_manifest(store, manifest_key(export), manifest)
    except Misconfigured:
        _take_back(store, manifest.key)
        raise
    if created:
        return _archived(store, manifest_key(export), manifest, Outcome(manifest.outcome))
    return _yield_to_winner(store, export, manifest)


def _yield_to_winner(store: Store, export: ObservedExport, ours: Manifest) -> Archived:
    """Return the export of another fetch, whose manifest is there already, and delete our copy."""
    winner = find_manifest(store, export)
    if winner is None:
        raise ArchiveUnavailable(
            "Another fetch wrote the window's manifest at the same time, or an object was deleted from the archive"
        )
    if ours.key:
        store.delete(ours.key)
    return _archived(store, manifest_key(export), winner, Outcome.ALREADY_LANDED)


def _take_back(store: Store, key: str | None) -> None:
    """Delete the object that no manifest can name; a later sweep deletes it if this fails."""
    with suppress(ArchiveUnavailable):
        if key:
            store.delete(key)


def remove_leftovers(store: Store, export: PlacedExport, written_before: datetime) -> None:
    """Delete the data objects that interrupted fetches of the same export have left behind.

    Once a manifest is there, no other can be created. A data object is then of no use if neither this manifest nor a
    revoked one names it. Newer objects may belong to fetches that still run, and stay. A failed deletion is only
    logged, since a later sweep deletes the object.
    """
    try:
        manifest = find_manifest(store, export)
        listed = only_ours(store.objects(leftovers_prefix(export)))
        old = [item.key for item in listed if item.written_at < written_before]
        unnamed = set(old) - {manifest.key} if manifest else set()
        if unnamed:
            unnamed -= {revoked.key for revoked in revoked_manifests(store, manifest_key(export))}
        for key in sorted(filter(None, unnamed)):
            store.delete(key)
            logger.info("leftover removed", key=key)
    except ArchiveUnavailable as error:
        logger.warning("leftovers not removed", detail=str(error))


def _manifest(export: ObservedExport, content: _Content, request_ids: tuple[str, ...]) -> Manifest:
    window = export.window
    return Manifest(
        kind=export.kind,
        project_id=export.project_id,
        window=ManifestWindow(day=window.day, start_time=window.start, end_time=window.end),
        filters=export.filters,
        settled=find_export(export.kind).window.is_settled(window, export.ordered_at),
        task_id=export.task_id,
        file_name=export.file_name,
        ordered_at=export.ordered_at,
        landed_at=utc_now(),
        outcome="landed" if content.key else "empty",
        key=content.key,
        size_bytes=content.size_bytes,
        sha256=content.sha256,
        format=content.format,
        vendor_request_ids=_numbered(request_ids),
        correlation_id=export.correlation_id,
        note=content.note,
    )


def _archived(store: Store, key: str, manifest: Manifest, outcome: Outcome) -> Archived:
    return Archived(
        outcome=outcome,
        url=store.url_of(manifest.key) if manifest.key else None,
        key=manifest.key,
        manifest_key=key,
        size_bytes=manifest.size_bytes,
        sha256=manifest.sha256,
    )


def _numbered(request_ids: tuple[str, ...]) -> dict[str, str]:
    """Return the request ids by name: `download` for the file's first answer, `download-2` and so on for later ones."""
    return {"download" if n == 1 else f"download-{n}": request_id for n, request_id in enumerate(request_ids, start=1)}


def may_be_empty(file_name: str | None) -> bool:
    """Return whether a file of that name can have no bytes: a text can, a workbook or a zip cannot."""
    return bool(file_name) and extension_of(file_name) not in _NEVER_EMPTY


def extension_of(file_name: str | None) -> str:
    """Return the extension of the vendor's file name, `.bin` if it is unknown: no key contains more of that name."""
    extension = PurePosixPath(file_name or "").suffix.lower()
    return extension if extension in _KNOWN_EXTENSIONS else _OTHER_EXTENSION
