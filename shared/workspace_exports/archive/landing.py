"""How an export lands: stream and check the file, then write the manifest that makes it exist. Exactly once."""

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
    """Bytes that are read once, and what is known of them."""

    @property
    def size_bytes(self) -> int | None:
        """The announced length, None where none is."""

    @property
    def is_framed(self) -> bool:
        """True where the end is marked, by a length or a last chunk: what comes to its end is then whole."""

    @property
    def request_ids(self) -> tuple[str, ...]:
        """The vendor's names for the answers that have brought bytes so far."""

    def __iter__(self) -> Iterator[bytes]:
        """The bytes, in chunks of any size."""


_KNOWN_EXTENSIONS = {".xlsx", ".xls", ".csv", ".zip"}
_OTHER_EXTENSION = ".bin"
_NEVER_EMPTY = {".xlsx", ".xls", ".zip"}


def find_landed(store: Store, export: PlacedExport) -> Archived | None:
    """Where the archive has it, if it does."""
    manifest = find_manifest(store, export)
    return _archived(store, manifest_key(export), manifest, Outcome.ALREADY_LANDED) if manifest else None


def land(store: Store, export: ObservedExport, file: IncomingFile, accepted_type: str | None = None) -> Archived:
    """Streams the file under a key of its own, checks it on the way, and commits with a create-only manifest.

    Args:
        store: the archive.
        export: an export whose task has ended in SUCCESS.
        file: read once.
        accepted_type: of a file that is not what its name says, where two tasks have brought such a file.

    Raises:
        BadFile: what came is not the file; nothing is left behind.
        ArchiveUnavailable: storage refused; a data object without a manifest may be left, and does not count.
        Misconfigured: the storage can create no manifest; nothing is left behind.
    """
    extension = extension_of(export.file_name)
    inspection = Inspection(file.size_bytes, extension, accepted_type, is_framed=file.is_framed)
    key = data_key(export, new_nonce(), extension)
    store.write(key, inspection.watch(file))
    return _commit(store, export, _Content.of(key, inspection), file.request_ids)


def land_empty(store: Store, export: ObservedExport, note: str, request_id: str | None) -> Archived:
    """Commits that the vendor has nothing for the window.

    Args:
        store: the archive.
        export: an export whose task has ended.
        note: why that is believed.
        request_id: the vendor's name for the answer that said so, if it has one.

    Raises:
        ArchiveUnavailable: storage refused; nothing has landed.
    """
    return _commit(store, export, _Content(note=note), (request_id,) if request_id else ())


@dataclass(frozen=True, slots=True)
class _Content:
    """A manifest's facts about the data; by default, that there is none."""

    note: str | None
    key: str | None = None
    size_bytes: int = 0
    sha256: str = hashlib.sha256().hexdigest()
    format: FileFormat | None = None

    @classmethod
    def of(cls, key: str, inspection: Inspection) -> Self:
        """Return what the inspection has found of the object under that key."""
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
    """Another fetch's manifest is there already: it stands, and our copy goes."""
    winner = find_manifest(store, export)
    if winner is None:
        raise ArchiveUnavailable(
            "Another fetch was at the window's manifest at the same moment, or somebody is deleting from the archive"
        )
    if ours.key:
        store.delete(ours.key)
    return _archived(store, manifest_key(export), winner, Outcome.ALREADY_LANDED)


def _take_back(store: Store, key: str | None) -> None:
    """Removes what no manifest can name; a sweep will, where that fails."""
    with suppress(ArchiveUnavailable):
        if key:
            store.delete(key)


def remove_leftovers(store: Store, export: PlacedExport, written_before: datetime) -> None:
    """Removes what fetches of the same thing have left behind that did not live to commit or to clean up.

    Once a manifest is there no other can be: what neither it names nor one that was taken back is of no use. What
    fetches under way have written is left to them. That something could not be removed is no reason to fail: a sweep
    will.
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
    """`download` for the answer that began the file, `download-2` and so on for those that went on with it."""
    return {"download" if n == 1 else f"download-{n}": request_id for n, request_id in enumerate(request_ids, start=1)}


def may_be_empty(file_name: str | None) -> bool:
    """Return whether a file of that name can have no byte: a text can, a workbook or a zip cannot."""
    return bool(file_name) and extension_of(file_name) not in _NEVER_EMPTY


def extension_of(file_name: str | None) -> str:
    """From the vendor's file name, if it is one we know: the rest of that name is not trusted with a key."""
    extension = PurePosixPath(file_name or "").suffix.lower()
    return extension if extension in _KNOWN_EXTENSIONS else _OTHER_EXTENSION
