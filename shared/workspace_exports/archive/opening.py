"""Beginning of a file, which reveals an answer that proxies, gateways or storage sent in place of the file."""

import codecs
import json
import re
from http import HTTPStatus

_MOST_BYTES = 16
_MOST_LETTERS = 1024
_MARK_BYTES = 2
_BY_MARK = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_BLANKS = "\ufeff\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""Characters that may precede the first letter of a text: byte order marks, the zeros of UTF-16, white space."""

_PAGE = "A web page or XML came instead of the file"
_JSON = "JSON came instead of the file, an error in an answer that said 200"
_JSON_LIST = "A JSON list came instead of the file, as of errors in an answer that said 200"
_ERROR = "The text of an error came instead of the file, in an answer that said 200"

_STARTS = (
    (re.compile(r"<"), _PAGE),
    (re.compile(r"\{|\)\]\}'"), _JSON),
    (re.compile(r'\[\s*\{\s*(?:\}|"(?:[^"\\]|\\.)*"\s*:)'), _JSON_LIST),
    (re.compile(r"HTTP/\d"), _ERROR),
    (re.compile(r"upstream connect error\b"), _ERROR),
    (re.compile(r"Traceback \(most recent call last\):"), _ERROR),
)
"""Beginnings that are refused with any continuation and under any file name, each with the sentence about it."""

_ERROR_WORDS = re.compile(
    r"\b(?:errors?|exception|fail(?:ed|ure)|denied|forbidden|unauthori[sz]ed|unavailable|not found|no such|timeout"
    r"|timed out|expired|invalid|refused|bad gateway|bad request|no healthy upstream|default backend"
    r"|too many requests)\b",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[,;\t|\r\n]")
_PHRASES = frozenset(status.phrase.lower() for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST)


class Opening:
    """First bytes of a stream, and its first letters behind any number of blanks, in constant memory.

    Attributes:
        head: the first 16 bytes.
    """

    def __init__(self) -> None:
        self.head = b""
        self._letters = ""
        self._decoder: codecs.IncrementalDecoder | None = None

    @property
    def text(self) -> str:
        """First 1,024 letters: UTF-16 after its byte order mark, else one per byte; empty for blanks and zeros."""
        return self._letters if self._decoder else self.head.decode("latin-1").lstrip(_BLANKS)

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the stream."""
        begun = self.head
        self.head = (begun + chunk[:_MOST_BYTES])[:_MOST_BYTES]
        if len(self._letters) >= _MOST_LETTERS or len(self.head) < _MARK_BYTES:
            return
        if self._decoder is None:
            encoding = _BY_MARK.get(self.head[:_MARK_BYTES], "latin-1")
            self._decoder = codecs.getincrementaldecoder(encoding)("ignore")
            chunk = begun + chunk
        self._letters = (self._letters + self._decoder.decode(chunk)).lstrip(_BLANKS)[:_MOST_LETTERS]

    def stand_in(self) -> str | None:
        """Return a sentence that names what came in place of the file; None if the beginning shows no such thing."""
        text = self.text.replace("\x00", "")
        for start, says in _STARTS:
            if start.match(text):
                return says
        if _is_refusal(text.partition("\n")[0]):
            return _ERROR
        if len(self.text) >= _MOST_LETTERS:
            return None
        if text.startswith("[") and _is_json(text):
            return _JSON_LIST
        return _ERROR if _is_error(text.strip()) else None


def _is_refusal(line: str) -> bool:
    """Return whether the line is the phrase of an HTTP error, in several words: `502 Bad Gateway`.

    A table's heading has one word, or separators.
    """
    words = line.strip().lower().lstrip("0123456789 ")
    return " " in words and words in _PHRASES


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_error(line: str) -> bool:
    """Return whether the line is the text of an error: an HTTP phrase, or several words with one of `_ERROR_WORDS`.

    A line of several words without a separator is no row of a table.
    """
    if _SEPARATORS.search(line):
        return False
    return line.lower() in _PHRASES or (" " in line and _ERROR_WORDS.search(line) is not None)
