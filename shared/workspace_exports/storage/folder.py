"""Folder as storage: the two operations for which obstore does not suffice, the listing and the create of a file.

A listing continues past entries that can be no object: names that are not UTF-8, links that lead out of the folder or
to nothing, pipes, folders of the system (archivematica/Issues#214). A create also works without hard links: exFAT, FAT,
and some network and FUSE mounts have none.
"""

import errno
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from workspace_exports.core.errors import Misconfigured
from workspace_exports.storage.stored_objects import StoredObject, is_expressible

STAGED = re.compile(r".+#\d+", re.DOTALL)
"""Name of an unfinished file: no listing shows it, a sweep removes it, and obstore refuses it as a key."""

_OUR_FOLDER = re.compile(r"[A-Za-z0-9][\w=.:-]*", re.ASCII)
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV})
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EBADF})

_Entry = os.DirEntry[str]


def list_files(root: Path, prefix: str) -> Iterator[StoredObject]:
    """Yield every file below `root/prefix`, and every entry that can be no object, by its path below the root.

    A folder that cannot be part of the archive, such as `lost+found/`, is such an entry; its key ends with a slash.

    Raises:
        OSError: a folder that may be part of the archive cannot be read.
    """
    places = [root / prefix]
    while places:
        for entry in _entries(places.pop()):
            is_folder = entry.is_dir(follow_symlinks=False)
            if is_folder and _OUR_FOLDER.fullmatch(entry.name):
                places.append(Path(entry.path))
            elif is_folder or not STAGED.fullmatch(entry.name):
                yield from _described(root, entry, "/" if is_folder else "")


def subfolders(root: Path, prefix: str) -> list[str]:
    """Return the names of the folders directly below `root/prefix` that may be part of the archive."""
    return [
        entry.name
        for entry in _entries(root / prefix)
        if entry.is_dir(follow_symlinks=False) and _OUR_FOLDER.fullmatch(entry.name)
    ]


def create_file(root: Path, key: str, content: bytes) -> bool:
    """Write a file unless its name is taken, and return whether it was written; no reader sees a part of the file.

    Raises:
        Misconfigured: an entry that is no file has the name, or the file system cannot create a file in one step.
        OSError: the file cannot be written.
        ValueError: the key is no path below the folder.
    """
    if not is_expressible(key):
        raise ValueError(f"{key!r} is no path below the archive's folder")
    path = root / key
    file, staged = _open_staged(path)
    try:
        with file:
            file.write(content)
        created = _publish(staged, path)
    finally:
        staged.unlink(missing_ok=True)
    if not created and not path.is_file():
        raise Misconfigured(f"{str(path)!r} is no file, and in the way of one", advice="Remove or rename it.")
    return created


def _entries(place: Path) -> list[_Entry]:
    """Return the entries of a folder; none if the folder does not exist."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(place) as entries:
        return list(entries)
    return []


def _described(root: Path, entry: _Entry, end: str) -> Iterator[StoredObject]:
    """Yield the description of an entry; nothing if the entry has been removed meanwhile."""
    key = f"{Path(entry.path).relative_to(root).as_posix()}{end}"
    is_object = _is_object(root, entry)
    with suppress(FileNotFoundError):
        facts = entry.stat(follow_symlinks=is_object)
        written_at = datetime.fromtimestamp(facts.st_mtime, UTC)
        e_tag = f'"{facts.st_ino:x}-{facts.st_mtime_ns // 1000:x}-{facts.st_size:x}"'
        yield StoredObject(key, facts.st_size, written_at, e_tag, is_object and is_expressible(key))


def _is_object(root: Path, entry: _Entry) -> bool:
    """Return whether the entry is a file, or a link to one inside the root."""
    with suppress(OSError):
        is_within = not entry.is_symlink() or Path(os.path.realpath(entry.path)).is_relative_to(os.path.realpath(root))
        return is_within and entry.is_file()
    return False


def _open_staged(path: Path) -> tuple[BinaryIO, Path]:
    """Open a new file of a name that no listing shows.

    Its folder is made again each time a cleanup has removed it.
    """
    number = 1
    while True:
        staged = path.with_name(f"{path.name}#{number}")
        try:
            return staged.open("xb"), staged
        except FileExistsError:
            number += 1
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)


def _publish(staged: Path, path: Path) -> bool:
    try:
        os.link(staged, path)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _rename_alone(staged, path)
    return True


def _rename_alone(staged: Path, path: Path) -> bool:
    """Rename a file under the folder's lock, for a file system without links; return False if the name is taken.

    The lock is needed because a rename replaces a file of that name. The system releases the lock when the process
    ends. On some file systems the machines that share the folder do not share the lock.
    """
    # O_EXCL on the record itself would show half of it, and a lock file would outlive a killed writer. Python has no
    # renameat2.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        _lock(folder, path)
        if os.path.lexists(path):
            return False
        staged.rename(path)
        return True
    finally:
        os.close(folder)


def _lock(folder: int, path: Path) -> None:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        raise Misconfigured(
            f"{str(path)!r} cannot be created only if it is not there: the folder's file system has neither hard "
            f"links nor locks",
            advice="Set ARCHIVE_URL to a folder on another file system, or to s3://bucket/prefix.",
        ) from error
