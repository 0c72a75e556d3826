"""Checks that the bytes that went by are the file: complete, and of the type that its name says."""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator

from workspace_exports.archive.encoding_probe import EncodingProbe, TextEnd
from workspace_exports.archive.file_type import file_type
from workspace_exports.archive.manifests import FileFormat
from workspace_exports.archive.opening import Opening
from workspace_exports.archive.zip_directory import ZIP_START, bytes_before, bytes_behind, entry_names
from workspace_exports.core.errors import BadFile

CSV = ".csv"
XLSX = ".xlsx"
_TAIL_BYTES = 256 * 1024
_PIECE_BYTES = 4096
_WORKBOOK_TYPES = "[Content_Types].xml"
_WORKBOOK_FOLDER = "xl/"
_NO_WORKBOOK = "The file is no workbook, though its name says so"


class Inspection:
    """Watches a stream go by once, in constant memory; after its last byte it knows size, digest and format.

    Args:
        announced_bytes: the length the vendor announced, if it did.
        extension: of the vendor's file name; one of a workbook obliges, and one of text has it decoded.
        accepted_type: type of a file that is taken although its name says another, if it is whole; its format is then
            unknown. A web page, XML, JSON or the text of an error is never taken.
        is_framed: the end of the stream is marked although no length was announced.

    Attributes:
        size_bytes: seen so far.
        format: by content; an unknown one is recorded, not refused.
        note: a sentence on a file that was taken although its name says another type; None for any other file.
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
        self.size_bytes = 0
        self.format: FileFormat = "unknown"
        self.note: str | None = None

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
        self._check_content()

    def _take(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self.size_bytes += len(chunk)
        self._opening.feed(chunk)
        self._tail.append(chunk)
        if self._text:
            self._text.feed(chunk)

    def _check_length(self) -> None:
        """A file without a byte is never landed as one: it may have been cut, or not been made yet."""
        if self._announced_bytes is not None and self.size_bytes != self._announced_bytes:
            raise BadFile(f"The file has {self.size_bytes} bytes where {self._announced_bytes} were announced")
        if not self.size_bytes:
            how = "and no length was announced" if self._announced_bytes is None else "as announced"
            raise BadFile(f"Not a byte came, {how}")

    @property
    def _is_whole(self) -> bool:
        """True where nothing can be missing; `_check_length` has seen to it that an announced length was met."""
        return self._is_framed or self._announced_bytes is not None

    def _check_content(self) -> None:
        try:
            self._check_start()
            self.format = self._find_format()
        except BadFile as error:
            error.is_whole = self._is_whole
            raise

    def _check_start(self) -> None:
        """No export is a web page, XML, JSON or the text of an error, whatever it is called."""
        if stand_in := self._opening.stand_in():
            raise BadFile(stand_in)

    def _find_format(self) -> FileFormat:
        if self._opening.head.startswith(ZIP_START):
            return self._zip_format()
        if self._extension == XLSX:
            return self._no_workbook()
        return self._text_format(self._text) if self._text else "unknown"

    def _zip_format(self) -> FileFormat:
        """A directory too long for the tail cannot be looked into: then the file is what its name says."""
        tail = self._tail.content()
        if behind := bytes_behind(tail, self.size_bytes):
            return self._other_type(f"The file goes on for {behind} bytes behind its end", "a zip with bytes behind it")
        names = entry_names(tail, self.size_bytes)
        if names is None:
            return "xlsx" if self._extension == XLSX else "zip"
        is_workbook = _WORKBOOK_TYPES in names and any(name.startswith(_WORKBOOK_FOLDER) for name in names)
        return "xlsx" if is_workbook else "zip"

    def _no_workbook(self) -> FileFormat:
        """A workbook that lost its first bytes is damaged, and so is one of blanks and zeros: neither has a type."""
        before = bytes_before(self._tail.content(), self.size_bytes)
        if before is not None and before <= 0:
            raise BadFile(f"{_NO_WORKBOOK}: it is a zip whose first bytes are missing or damaged")
        if not self._opening.text or ZIP_START.startswith(self._opening.head):
            raise BadFile(f"{_NO_WORKBOOK}: it has {self.size_bytes} bytes, and none that says what it is")
        if before:
            return self._other_type(_NO_WORKBOOK, "a zip with bytes before it (a self-extracting one has a program)")
        return self._other_type(_NO_WORKBOOK, file_type(self._opening.head, self._opening.text))

    def _other_type(self, problem: str, what: str) -> FileFormat:
        """`unknown` for a whole file of another type where that is taken; else it is refused, and told what it is."""
        if self._is_whole and self._accepted_type == what:
            self.note = f"The file is {what}, though its name ends in {self._extension}"
            return "unknown"
        error = BadFile(f"{problem}: it is {what}")
        error.says = what if self._is_whole else None
        raise error

    def _text_format(self, text: EncodingProbe) -> FileFormat:
        """A file as long as announced was not cut: where it ends in half a character, its encoding is another one."""
        end = text.end()
        if end is TextEnd.CUT and not self._is_whole:
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
