"""Directory of a zip file, as far as the file's tail shows it. The entries are not read."""

import io
import struct
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from workspace_exports.core.errors import BadFile

ZIP_START = b"PK\x03\x04"
_END = b"PK\x05\x06"
_END_RECORD = struct.Struct("<10xHIIH")
_ZIP64_END = b"PK\x06\x06"
_ZIP64_LOCATOR = struct.Struct("<4s4xQ4x")
_ZIP64_LOCATES = b"PK\x06\x07"
_MORE_ENTRIES, _FURTHER = 0xFFFF, 0xFFFFFFFF
"""Values of fields that are too small in the end record; a ZIP64 record before it has the true values."""

_CUT = "The file ends before its zip directory does: it was cut short"

_NOT_UNDERSTOOD = (NotImplementedError, UnicodeDecodeError, UserWarning)
"""Errors for a version, a name or a field that this Python does not know, in a directory that may be whole."""

_GARBLED = (BadZipFile, struct.error, ValueError, OverflowError, OSError)


class _EndRecord(NamedTuple):
    entries: int
    directory_bytes: int
    directory_at: int
    comment_bytes: int


class _BeforeTail(Exception):
    """Position before the tail. It is no OSError, which `zipfile` would take for a file that is too short."""


class _ZipTail(io.BytesIO):
    """End of a file, which is read at its positions in the whole file."""

    def __init__(self, content: bytes, size_bytes: int) -> None:
        super().__init__(content)
        self._starts_at = size_bytes - len(content)
        self._size_bytes = size_bytes

    def tell(self) -> int:
        return super().tell() + self._starts_at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.tell(), io.SEEK_END: self._size_bytes}[whence]
        if 0 <= position < self._starts_at:
            raise _BeforeTail
        if position < 0:
            raise OSError
        return super().seek(position - self._starts_at) + self._starts_at


def entry_names(tail: bytes, size_bytes: int) -> frozenset[str] | None:
    """Return the names in the directory; empty if it is not understood, None if it begins before the tail.

    Args:
        tail: the file's last bytes; more than a comment and the end records can take.
        size_bytes: size of the whole file.

    Raises:
        BadFile: the end record is missing, does not end with the file or contradicts it, or the directory is garbled.
    """
    record = _end_record(tail, size_bytes)
    try:
        with ZipFile(_ZipTail(tail, size_bytes)) as archive:
            found_at, names = archive.start_dir, archive.namelist()
    except _BeforeTail:
        return None
    except _NOT_UNDERSTOOD:
        return frozenset()
    except _GARBLED as error:
        raise BadFile("The file's zip directory is garbled") from error
    if record.entries not in (len(names), _MORE_ENTRIES):
        raise BadFile("The file's zip directory is garbled")
    if record.directory_at not in (found_at, _FURTHER):
        raise BadFile("The file's zip directory is not where it says: bytes are missing or too many")
    return frozenset(names)


def bytes_before(tail: bytes, size_bytes: int) -> int | None:
    """Return the number of bytes before a zip that ends with the file; None if there is no such zip.

    The number is negative if the zip's first bytes are missing.

    Args:
        tail: the file's last bytes.
        size_bytes: size of the whole file.
    """
    found = _last_record(tail)
    if found is None or _bytes_missing(tail, *found):
        return None
    try:
        with ZipFile(_ZipTail(tail, size_bytes)) as archive:
            return min((entry.header_offset for entry in archive.infolist()), default=None)
    except (_BeforeTail, *_NOT_UNDERSTOOD, *_GARBLED):
        return None


def bytes_behind(tail: bytes, size_bytes: int) -> int:
    """Return the number of bytes behind a zip that begins with the file and is whole by its own records; else 0.

    Args:
        tail: the file's last bytes.
        size_bytes: size of the whole file.
    """
    found = _last_record(tail)
    if found is None or not _begins_with_the_file(tail, size_bytes, *found):
        return 0
    return max(0, -_bytes_missing(tail, *found))


def _begins_with_the_file(tail: bytes, size_bytes: int, at: int, record: _EndRecord) -> bool:
    """Return whether the directory ends at the end records. That of a zip inside another file has other positions."""
    tail_at = size_bytes - len(tail)
    locator_at = at - _ZIP64_LOCATOR.size
    if locator_at >= 0 and tail.startswith(_ZIP64_LOCATES, locator_at):
        _, zip64_at = _ZIP64_LOCATOR.unpack_from(tail, locator_at)
        return zip64_at >= tail_at and tail.startswith(_ZIP64_END, zip64_at - tail_at)
    return record.directory_at + record.directory_bytes == tail_at + at


def _bytes_missing(tail: bytes, at: int, record: _EndRecord) -> int:
    """Return the number of bytes that the record's comment lacks; negative if more bytes follow the comment."""
    return at + _END_RECORD.size + record.comment_bytes - len(tail)


def _last_record(tail: bytes) -> tuple[int, _EndRecord] | None:
    """Return the last end record with its position in the tail; None if there is none."""
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < _END_RECORD.size:
        return None
    return at, _EndRecord(*_END_RECORD.unpack_from(tail, at))


def _end_record(tail: bytes, size_bytes: int) -> _EndRecord:
    """Return the last end record, or raise `BadFile` unless it ends the file and its directory ends before it."""
    found = _last_record(tail)
    if found is None:
        raise BadFile(_CUT)
    at, record = found
    directory_ends = record.directory_at + record.directory_bytes
    is_far = _FURTHER in (record.directory_at, record.directory_bytes)
    if _bytes_missing(tail, at, record) or (directory_ends > size_bytes - len(tail) + at and not is_far):
        raise BadFile(_CUT)
    return record
