"""How an export lands: stream and check the file, then write the manifest that makes it exist. Exactly once."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import PurePosixPath

from workspace_exports.archive.inspection import Inspection
from workspace_exports.archive.keys import data_key, manifest_key, new_nonce
from workspace_exports.archive.manifests import create_manifest, read_manifest
from workspace_exports.archive.store import Store
from workspace_exports.clock import utc_now
from workspace_exports.contracts.events import Archived, ObservedExport, Outcome
from workspace_exports.contracts.manifest import Manifest, ManifestWindow
from workspace_exports.errors import ArchiveUnavailable

_KNOWN_EXTENSIONS = {".xlsx", ".xls", ".csv", ".zip"}
_OTHER_EXTENSION = ".bin"


def find_landed(store: Store, export: ObservedExport) -> Archived | None:
    """Where the archive has this window already, if it does, whichever task brought it."""
    key = manifest_key(export)
    manifest = read_manifest(store, key)
    return None if manifest is None else _archived(store, key, manifest, Outcome.ALREADY_LANDED)


def land(
    store: Store,
    export: ObservedExport,
    chunks: Iterable[bytes],
    *,
    announced_bytes: int | None,
    request_ids: Mapping[str, str],
) -> Archived:
    """Streams the file under a key of its own, checks it on the way, and commits with a create-only manifest.

    Args:
        store: the archive.
        export: an export whose task has ended in SUCCESS.
        chunks: the file; read once.
        announced_bytes: the length the vendor announced, if it did.
        request_ids: the vendor's names for the calls that led here.

    Raises:
        BadFile: what came is not the file; nothing is left behind.
        ArchiveUnavailable: storage refused; a data object without a manifest may be left, and does not count.
    """
    extension = _extension(export.file_name)
    inspection = Inspection(announced_bytes, extension)
    key = _write_data(store, data_key(export, new_nonce(), extension), inspection.watch(chunks))
    manifest = _manifest(export, key, inspection, request_ids)
    if create_manifest(store, manifest_key(export), manifest):
        return _archived(store, manifest_key(export), manifest, Outcome(manifest.outcome))
    return _yield_to_winner(store, export, key)


def _write_data(store: Store, key: str, chunks: Iterator[bytes]) -> str | None:
    """The data object's key; None, and no object, for a file without a single byte."""
    first = next(chunks, None)
    if first is None:
        return None
    store.write(key, chain((first,), chunks))
    return key


def _yield_to_winner(store: Store, export: ObservedExport, key: str | None) -> Archived:
    """Another fetch committed first: its manifest stands, and our copy goes.

    The other may be this one: storage took the manifest, its answer was lost, and the second try found it there.
    """
    winner = find_landed(store, export)
    if winner is None:
        raise ArchiveUnavailable(
            "Another fetch was at the window's manifest at the same moment, or somebody is deleting from the archive"
        )
    if key and winner.key == key:
        return winner.model_copy(update={"outcome": Outcome.LANDED})
    if key:
        store.delete(key)
    return winner


def _manifest(
    export: ObservedExport, key: str | None, inspection: Inspection, request_ids: Mapping[str, str]
) -> Manifest:
    window = export.window
    return Manifest(
        kind=export.kind,
        project_id=export.project_id,
        window=ManifestWindow(day=window.day, start_time=window.start, end_time=window.end),
        filters=export.filters,
        outcome="landed" if key else "empty",
        task_id=export.task_id,
        file_name=export.file_name,
        key=key,
        size_bytes=inspection.size_bytes,
        sha256=inspection.sha256,
        format=inspection.format if key else None,
        ordered_at=export.ordered_at,
        landed_at=utc_now(),
        vendor_request_ids=dict(request_ids),
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


def _extension(file_name: str | None) -> str:
    """From the vendor's file name, if it is one we know: the rest of that name is not trusted with a key."""
    extension = PurePosixPath(file_name or "").suffix.lower()
    return extension if extension in _KNOWN_EXTENSIONS else _OTHER_EXTENSION
