"""Checks that a stream is the expected file: complete, and of the type that its name says."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator

from workspace_exports.archive.encoding_probe import EncodingProbe, TextEnd
from workspace_exports.archive.file_type import file_type
from workspace_exports.archive.line_probe import LineProbe
from workspace_exports.archive.manifests import FileFormat
from workspace_exports.archive.opening import Opening
from workspace_exports.archive.zip_directory import ZIP_START, bytes_before, bytes_behind, entry_names
from workspace_exports.core.errors import BadFile

CSV = ".csv"
NDJSON = ".ndjson"
XLSX = ".xlsx"
_TAIL_BYTES = 256 * 1024
_PIECE_BYTES = 4096
_WORKBOOK_TYPES = "[Content_Types].xml"
_WORKBOOK_FOLDER = "xl/"
_NO_WORKBOOK = "The file is no workbook, though its name says so"


class Inspection:
    """Inspection of a stream that goes by once, in constant memory. At its end, size, digest and format are known.

    Args:
        announced_bytes: the length that the vendor announced, if it did.
        extension: the extension of the vendor's file name; `.xlsx` requires a workbook, `.csv` has the stream
            decoded, `.ndjson` has each line read as JSON.
        accepted_type: type of a whole file that is accepted although its name says another; its format is then
            `unknown`. A web page, XML, JSON or the text of an error is never accepted.
        is_framed: the end of the stream is marked, even if no length was announced.

    Attributes:
        size_bytes: number of bytes seen so far.
        format: format by content; `unknown` is recorded and is no error.
        note: a sentence on a file that was accepted although its name says another type; None for any other file.
    """

    def __init__(
        self, announced_bytes: int | None, extension: str, accepted_type: str | None = None, *, is_framed: bool = False
    ) -> None:
        self._announced_bytes = announced_bytes
        self._extension = extension
        self._accepted_type = accepted_type
        self._is_framed = is_framed
        self._digest = hashlib.sha256()
        self._opening = Opening()
        self._tail = _Tail()
        self._text = EncodingProbe() if extension == CSV else None
        self._lines = LineProbe() if extension == NDJSON else None
        self.size_bytes = 0
        self.format: FileFormat = "unknown"
        self.note: str | None = None

    @property
    def sha256(self) -> str:
        """SHA-256 of all bytes seen so far, in hex."""
        return self._digest.hexdigest()

    def watch(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass the bytes on, without empty chunks, and raise `BadFile` at the end if they are not the file.

        The error comes before the consumer has seen the end, so that an upload of these bytes is never completed.
        """
        for chunk in filter(None, chunks):
            self._take(chunk)
            yield chunk
        self._check_length()
        self._check_content()

    def _take(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self.size_bytes += len(chunk)
        self._opening.feed(chunk)
        self._tail.append(chunk)
        if self._text:
            self._text.feed(chunk)
        if self._lines:
            self._lines.feed(chunk)

    def _check_length(self) -> None:
        """Raise `BadFile` if the length is not the announced one, or no byte came.

        A file without a byte never lands as a file: it may have been cut, or not been made yet.
        """
        if self._announced_bytes is not None and self.size_bytes != self._announced_bytes:
            raise BadFile(f"The file has {self.size_bytes} bytes where {self._announced_bytes} were announced")
        if not self.size_bytes:
            how = "and no length was announced" if self._announced_bytes is None else "as announced"
            raise BadFile(f"No bytes came, {how}")

    @property
    def _is_whole(self) -> bool:
        """True if nothing can be missing. `_check_length` has already checked an announced length."""
        return self._is_framed or self._announced_bytes is not None

    def _check_content(self) -> None:
        try:
            if self._lines:
                self.format = self._lines_format(self._lines)
                return
            self._check_start()
            self.format = self._find_format()
        except BadFile as error:
            error.is_whole = self._is_whole
            raise

    def _check_start(self) -> None:
        """Raise `BadFile` for a web page, XML, JSON or the text of an error: no export is one, under any file name."""
        if stand_in := self._opening.stand_in():
            raise BadFile(stand_in)

    def _find_format(self) -> FileFormat:
        if self._opening.head.startswith(ZIP_START):
            return self._zip_format()
        if self._extension == XLSX:
            return self._no_workbook()
        return self._text_format(self._text) if self._text else "unknown"

    def _zip_format(self) -> FileFormat:
        """Return the format of a zip, by its directory; by its extension if the directory is too long for the tail."""
        tail = self._tail.content()
        if behind := bytes_behind(tail, self.size_bytes):
            return self._other_type(f"The file continues for {behind} bytes after its end", "a zip with bytes after it")
        names = entry_names(tail, self.size_bytes)
        if names is None:
            return "xlsx" if self._extension == XLSX else "zip"
        is_workbook = _WORKBOOK_TYPES in names and any(name.startswith(_WORKBOOK_FOLDER) for name in names)
        return "xlsx" if is_workbook else "zip"

    def _no_workbook(self) -> FileFormat:
        """Return the format of a file that is named as a workbook and is none, or raise `BadFile`.

        A workbook without its first bytes is damaged, and so is a file of blanks and zeros: neither has a type.
        """
        before = bytes_before(self._tail.content(), self.size_bytes)
        if before is not None and before <= 0:
            raise BadFile(f"{_NO_WORKBOOK}: it is a zip whose first bytes are missing or damaged")
        if not self._opening.text or ZIP_START.startswith(self._opening.head):
            raise BadFile(f"{_NO_WORKBOOK}: it has {self.size_bytes} bytes, and none of them identifies its type")
        if before:
            return self._other_type(_NO_WORKBOOK, "a zip with bytes before it (a self-extracting one has a program)")
        return self._other_type(_NO_WORKBOOK, file_type(self._opening.head, self._opening.text))

    def _other_type(self, problem: str, what: str) -> FileFormat:
        """Return `unknown` for a whole file of the accepted type; raise `BadFile` with the type for any other file."""
        if self._is_whole and self._accepted_type == what:
            self.note = f"The file is {what}, though its name ends in {self._extension}"
            return "unknown"
        error = BadFile(f"{problem}: it is {what}")
        error.says = what if self._is_whole else None
        raise error

    def _lines_format(self, lines: LineProbe) -> FileFormat:
        """Return `ndjson`, or raise `BadFile` with the first line that is no JSON object.

        Such a file begins as an error does that comes in place of a file, so only its lines tell.
        """
        if problem := lines.end():
            raise BadFile(f"The file is no newline-delimited JSON: {problem}")
        return "ndjson"

    def _text_format(self, text: EncodingProbe) -> FileFormat:
        """Return `csv` for text in a known encoding, else `unknown`; raise `BadFile` if the file was cut.

        A whole file was not cut: if it ends in half a character, it has another encoding.
        """
        end = text.end()
        if end is TextEnd.CUT and not self._is_whole:
            raise BadFile("The file ends in the middle of a character: it was cut short")
        return "csv" if end is TextEnd.WHOLE else "unknown"


class _Tail:
    """Last `_TAIL_BYTES` of a stream, for chunks of any size; it always holds fewer than twice as many bytes."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._size_bytes = 0

    def append(self, chunk: bytes) -> None:
        """Add the next bytes. Small pieces are joined, as each would take many times its length in memory."""
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
