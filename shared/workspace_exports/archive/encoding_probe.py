"""Probe of a stream's encoding, piece by piece while the stream goes by."""

import codecs
from enum import Enum

_ENCODINGS = ("utf-8", "utf-16", "gb18030")


class TextEnd(Enum):
    """End of a stream that is read as text."""

    WHOLE = "whole"
    CUT = "in the middle of a character"
    NO_TEXT = "in none of the encodings"


class EncodingProbe:
    """Readings of a stream as UTF-8, as UTF-16 with a byte order mark, and as GB18030, in constant memory."""

    def __init__(self) -> None:
        self._readings = [_Reading(encoding) for encoding in _ENCODINGS]

    def feed(self, chunk: bytes) -> None:
        """Read the next piece of the stream."""
        for reading in self._readings:
            reading.feed(chunk)

    def end(self) -> TextEnd:
        """Return how the stream ended.

        Valid UTF-8 with characters beyond ASCII counts as UTF-8 alone: much of it would also be valid GB18030.
        """
        utf_8 = self._readings[0]
        possible = [utf_8] if utf_8.is_certain else [reading for reading in self._readings if not reading.failed]
        if any(reading.is_whole() for reading in possible):
            return TextEnd.WHOLE
        return TextEnd.CUT if possible else TextEnd.NO_TEXT


class _Reading:
    """Reading in one encoding. Python's UTF-16 decoder itself requires the byte order mark."""

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
        """True if the stream was valid so far and had characters beyond ASCII."""
        return not self.failed and not self._is_ascii

    def is_whole(self) -> bool:
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeError:
            return False
        return True
