"""Reading a stream as text, piece by piece as it goes by."""

import codecs
from enum import Enum

_ENCODINGS = ("utf-8", "utf-16", "gb18030")


class TextEnd(Enum):
    """How a stream ends, read as text."""

    WHOLE = "whole"
    CUT = "in the middle of a character"
    NO_TEXT = "in none of the encodings"


class EncodingProbe:
    """Reads a stream as UTF-8, as UTF-16 with a byte order mark, and as GB18030, in constant memory."""

    def __init__(self) -> None:
        self._readings = [_Reading(encoding) for encoding in _ENCODINGS]

    def feed(self, chunk: bytes) -> None:
        """Takes the next piece."""
        for reading in self._readings:
            reading.feed(chunk)

    def end(self) -> TextEnd:
        """What the end says. UTF-8 is not doubted once it has shown itself: much of it would pass for GB18030."""
        utf_8 = self._readings[0]
        possible = [utf_8] if utf_8.is_certain else [reading for reading in self._readings if not reading.failed]
        if any(reading.is_whole() for reading in possible):
            return TextEnd.WHOLE
        return TextEnd.CUT if possible else TextEnd.NO_TEXT


class _Reading:
    """One encoding, tried. Python's UTF-16 wants the byte order mark by itself."""

    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._is_ascii = True
        self.failed = False

    def feed(self, chunk: bytes) -> None:
        if self.failed:
            return
        try:
            self._is_ascii &= self._decoder.decode(chunk).isascii()
        except UnicodeError:
            self.failed = True

    @property
    def is_certain(self) -> bool:
        """Whether characters beyond ASCII have come out, and nothing was wrong with them."""
        return not self.failed and not self._is_ascii

    def is_whole(self) -> bool:
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeError:
            return False
        return True
