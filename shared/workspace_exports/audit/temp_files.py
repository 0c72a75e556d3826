"""Temporary files that writers fill and then rename. A killed writer leaves one behind, and no listing shows it."""

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from workspace_exports.archive.layout import COVERAGE_PAGE
from workspace_exports.storage.folder import STAGED
from workspace_exports.storage.storage_errors import unavailable
from workspace_exports.storage.stored_objects import StoredObject

_OURS = ("coverage", "data", "failures", "manifests", "orders", "runs", "since")


def staged_files(archive_url: str) -> Iterator[StoredObject]:
    """Yield the temporary files of an archive in a folder, with keys below it; none if the archive is elsewhere."""
    folder = _folder(archive_url)
    for path in _staged(folder) if folder else ():
        with suppress(FileNotFoundError):
            facts = path.lstat()
            written_at = datetime.fromtimestamp(facts.st_mtime, UTC)
            yield StoredObject(path.relative_to(folder).as_posix(), facts.st_size, written_at)


def _staged(folder: str) -> Iterator[Path]:
    """Yield the paths of temporary files; in the root only those of the page, since the rest is the operator's."""
    yield from (path for path in Path(folder).glob(f"{COVERAGE_PAGE}#*") if STAGED.fullmatch(path.name))
    for name in _OURS:
        for place, _, names in os.walk(Path(folder, name)):
            yield from (Path(place, name) for name in names if STAGED.fullmatch(name))


def remove_staged(archive_url: str, key: str) -> None:
    """Remove a temporary file; it is no error if the file is gone already.

    Raises:
        ArchiveUnavailable: it cannot be removed.
    """
    try:
        Path(_folder(archive_url), key).unlink(missing_ok=True)
    except OSError as error:
        raise unavailable("delete", key, error) from error


def _folder(archive_url: str) -> str:
    parts = urlsplit(archive_url)
    return unquote(parts.path) if parts.scheme == "file" else ""
