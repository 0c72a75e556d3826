"""Whether the bytes that went by are the file: complete, and what they seem to be."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator

from workspace_exports.archive.text import Text, TextEnd
from workspace_exports.archive.zip_directory import ZIP_START, entry_names
from workspace_exports.contracts.manifest import FileFormat
from workspace_exports.errors import BadFile

CSV = ".csv"
XLSX = ".xlsx"
_TAIL_BYTES = 256 * 1024
_PIECE_BYTES = 4096
_WORKBOOK_TYPES = "[Content_Types].xml"
_WORKBOOK_FOLDER = "xl/"
_BLANKS = b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""Byte order marks, the zeros of UTF-16, white space: what may stand before the first letter of a text."""


class Inspection:
    """Watches a stream go by once, in constant memory; after its last byte it knows size, digest and format.

    Args:
        announced_bytes: the length the vendor announced, if it did.
        extension: of the vendor's file name; one of a workbook obliges, and one of text has it decoded.

    Attributes:
        size_bytes: seen so far.
        format: by content; an unknown one is recorded, not refused.
    """

    def __init__(self, announced_bytes: int | None, extension: str) -> None:
        self._announced_bytes = announced_bytes
        self._extension = extension
        self._digest = hashlib.sha256()
        self._head = bytearray()
        self._first_letter = b""
        self._tail = _Tail()
        self._text = Text() if extension == CSV else None
        self.size_bytes = 0
        self.format: FileFormat = "unknown"

    @property
    def sha256(self) -> str:
        """Of everything seen so far, in hex."""
        return self._digest.hexdigest()

    def watch(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Passes the bytes on, without empty chunks, and ends in `BadFile` if what has gone by is not the file.

        Raised before the consumer has seen the end, so that an upload fed by this is never completed.
        """
        for chunk in filter(None, chunks):
            self._take(chunk)
            yield chunk
        self._check_length()
        if self.size_bytes:
            self._check_content()

    def _take(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self.size_bytes += len(chunk)
        if len(self._head) < len(ZIP_START):
            self._head += chunk[: len(ZIP_START) - len(self._head)]
        self._first_letter = self._first_letter or chunk.lstrip(_BLANKS)[:1]
        self._tail.append(chunk)
        if self._text:
            self._text.feed(chunk)

    def _check_length(self) -> None:
        """A body that ends without a byte, and without a length that says so, may have been cut at its first."""
        if self._announced_bytes is not None and self.size_bytes != self._announced_bytes:
            raise BadFile(f"The file has {self.size_bytes} bytes where {self._announced_bytes} were announced")
        if self._announced_bytes is None and not self.size_bytes:
            raise BadFile("Not a byte came, and no length was announced")

    def _check_content(self) -> None:
        try:
            self._check_start()
            self.format = self._find_format()
        except BadFile as error:
            error.is_whole = self._announced_bytes is not None
            raise

    def _check_start(self) -> None:
        """No export is a web page, XML or JSON: those are what proxies, gateways and storage say instead of a file."""
        if self._first_letter == b"<":
            raise BadFile("A web page or XML came instead of the file")
        if self._first_letter == b"{":
            raise BadFile("JSON came instead of the file, an error in an answer that said 200")

    def _find_format(self) -> FileFormat:
        if self._head == ZIP_START:
            return self._zip_format()
        if self._extension == XLSX:
            raise BadFile("The file is no workbook, though its name says so")
        return self._text_format(self._text) if self._text else "unknown"

    def _zip_format(self) -> FileFormat:
        """A directory too long for the tail cannot be looked into: then the file is what its name says."""
        names = entry_names(self._tail.content(), self.size_bytes)
        if names is None:
            return "xlsx" if self._extension == XLSX else "zip"
        is_workbook = _WORKBOOK_TYPES in names and any(name.startswith(_WORKBOOK_FOLDER) for name in names)
        return "xlsx" if is_workbook else "zip"

    @staticmethod
    def _text_format(text: Text) -> FileFormat:
        end = text.end()
        if end is TextEnd.CUT:
            raise BadFile("The file ends in the middle of a character: it was cut short")
        return "csv" if end is TextEnd.WHOLE else "unknown"


class _Tail:
    """The last `_TAIL_BYTES` of a stream, however it was cut into chunks; never twice as many are held."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._size_bytes = 0

    def append(self, chunk: bytes) -> None:
        """Adds the next bytes; small pieces are joined, as each would take many times its length."""
        if self._chunks and len(self._chunks[-1]) + len(chunk) <= _PIECE_BYTES:
            self._chunks[-1] += chunk
            self._size_bytes += len(chunk)
        else:
            self._chunks.append(chunk[-_TAIL_BYTES:])
            self._size_bytes += len(self._chunks[-1])
        while self._size_bytes - len(self._chunks[0]) >= _TAIL_BYTES:
            self._size_bytes -= len(self._chunks.popleft())

    def content(self) -> bytes:
        return b"".join(self._chunks)[-_TAIL_BYTES:]
