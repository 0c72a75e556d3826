"""What a zip file's own directory says, as far as the file's tail shows it. The entries are not looked at."""

import io
import struct
from typing import NamedTuple
from zipfile import BadZipFile, ZipFile

from workspace_exports.errors import BadFile

ZIP_START = b"PK\x03\x04"
_END = b"PK\x05\x06"
_END_RECORD = struct.Struct("<10xHIIH")
_MORE_ENTRIES, _FURTHER = 0xFFFF, 0xFFFFFFFF
"""Where the end record's fields are too small, a ZIP64 record before it says the rest."""

_CUT = "The file ends before its zip directory does: it was cut short"

_NOT_UNDERSTOOD = (NotImplementedError, UnicodeDecodeError, UserWarning)
"""A version, a name or a field this Python does not know, in a directory that may well be whole."""

_GARBLED = (BadZipFile, struct.error, ValueError, OverflowError, OSError)


class _EndRecord(NamedTuple):
    entries: int
    directory_bytes: int
    directory_at: int
    comment_bytes: int


class _BeforeTail(Exception):
    """What is asked for lies before the tail. No OSError: to `zipfile`, that would say the file is too short."""


class _Tail(io.BytesIO):
    """The end of a file, read at the positions it has in the whole of it."""

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
    """What the directory names: nothing where it is not understood, None where it begins before the tail.

    Args:
        tail: the file's last bytes; more than a comment and the end records can take.
        size_bytes: of the whole file.

    Raises:
        BadFile: the end record is missing, does not end with the file or contradicts it, or the directory is garbled.
    """
    record = _end_record(tail, size_bytes)
    try:
        with ZipFile(_Tail(tail, size_bytes)) as archive:
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


def _end_record(tail: bytes, size_bytes: int) -> _EndRecord:
    """The last one, which must span to the last byte and name a directory that ends before it."""
    at = tail.rfind(_END)
    content = tail[at : at + _END_RECORD.size]
    if at < 0 or len(content) < _END_RECORD.size:
        raise BadFile(_CUT)
    record = _EndRecord(*_END_RECORD.unpack(content))
    is_last = at + _END_RECORD.size + record.comment_bytes == len(tail)
    directory_ends = record.directory_at + record.directory_bytes
    is_far = _FURTHER in (record.directory_at, record.directory_bytes)
    if not is_last or (directory_ends > size_bytes - len(tail) + at and not is_far):
        raise BadFile(_CUT)
    return record
