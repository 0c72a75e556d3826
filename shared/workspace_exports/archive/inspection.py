"""Whether the bytes that went by are the file: complete, and what they seem to be."""

import hashlib
from collections.abc import Iterable, Iterator

from workspace_exports.contracts.manifest import FileFormat
from workspace_exports.errors import BadFile

XLSX = ".xlsx"
_HEAD_BYTES = 512
_ZIP_START = b"PK\x03\x04"
_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22
_LONGEST_ZIP_COMMENT = 65535
_TAIL_BYTES = _ZIP_END_BYTES + _LONGEST_ZIP_COMMENT
_BLANKS = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""Byte order marks, the zeros of UTF-16, white space: what may stand before the first letter of a text."""


class Inspection:
    """Watches a stream go by once, in constant memory; after its last byte it knows size, digest and format.

    Args:
        announced_bytes: the length the vendor announced, if it did.
        extension: of the vendor's file name; one of a workbook obliges.
    """

    def __init__(self, announced_bytes: int | None, extension: str) -> None:
        self._announced_bytes = announced_bytes
        self._extension = extension
        self._digest = hashlib.sha256()
        self._head = bytearray()
        self._tail = b""
        self.size_bytes = 0

    @property
    def sha256(self) -> str:
        """Of everything seen so far, in hex."""
        return self._digest.hexdigest()

    @property
    def format(self) -> FileFormat:
        """By content; an unknown one is recorded, not refused."""
        if not self._head.startswith(_ZIP_START):
            return "unknown"
        return "xlsx" if self._extension == XLSX else "zip"

    def watch(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Passes the chunks on unchanged, and ends in `BadFile` if what has gone by is not the file.

        Raised before the consumer has seen the end, so that an upload fed by this is never completed.
        """
        for chunk in chunks:
            self._digest.update(chunk)
            self.size_bytes += len(chunk)
            if len(self._head) < _HEAD_BYTES:
                self._head += chunk[: _HEAD_BYTES - len(self._head)]
            self._tail = chunk[-_TAIL_BYTES:] if len(chunk) >= _TAIL_BYTES else (self._tail + chunk)[-_TAIL_BYTES:]
            yield chunk
        self._check_length()
        if self.size_bytes:
            self._check_content()

    def _check_length(self) -> None:
        """A body that ends without a byte, and without a length that says so, may have been cut at its first."""
        if self._announced_bytes is not None and self.size_bytes != self._announced_bytes:
            raise BadFile(f"The file has {self.size_bytes} bytes where {self._announced_bytes} were announced")
        if self._announced_bytes is None and not self.size_bytes:
            raise BadFile("Not a byte came, and no length was announced")

    def _check_content(self) -> None:
        """No export is a web page, XML or JSON: those are what proxies, gateways and storage say instead of a file."""
        start = bytes(self._head).lstrip(_BLANKS)[:1]
        if start == b"<":
            raise BadFile("A web page or XML came instead of the file")
        if start == b"{":
            raise BadFile("JSON came instead of the file, an error in an answer that said 200")
        if self.format != "unknown" and not self._zip_is_whole():
            raise BadFile("The file ends before its zip directory does: it was cut short")
        if self._extension == XLSX and self.format == "unknown":
            raise BadFile("The file is no workbook, though its name says so")

    def _zip_is_whole(self) -> bool:
        """The end record must be there, span exactly to the last byte, and point at a directory inside the file."""
        at = self._tail.rfind(_ZIP_END)
        record = self._tail[at : at + _ZIP_END_BYTES]
        if at < 0 or len(record) < _ZIP_END_BYTES:
            return False
        comment_bytes = int.from_bytes(record[20:22], "little")
        directory_end = int.from_bytes(record[12:16], "little") + int.from_bytes(record[16:20], "little")
        record_starts = self.size_bytes - len(self._tail) + at
        return at + _ZIP_END_BYTES + comment_bytes == len(self._tail) and directory_end <= record_starts
