"""The beginning of a file, which tells what proxies, gateways and storage send in the place of one."""

import codecs
import json
import re
from http import HTTPStatus

_MOST_BYTES = 16
_MOST_LETTERS = 1024
_MARK_BYTES = 2
_BY_MARK = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_BLANKS = "\ufeff\xef\xbb\xbf\xff\xfe\x00 \t\r\n"
"""Byte order marks, the zeros of UTF-16, white space: what may stand before the first letter of a text."""

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
"""Refused whatever follows, and whatever the file is called."""

_ERROR_WORDS = re.compile(
    r"\b(?:errors?|exception|fail(?:ed|ure)|denied|forbidden|unauthori[sz]ed|unavailable|not found|no such|timeout"
    r"|timed out|expired|invalid|refused|bad gateway|bad request|no healthy upstream|default backend"
    r"|too many requests)\b",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[,;\t|\r\n]")
_PHRASES = frozenset(status.phrase.lower() for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST)


class Opening:
    """Takes a stream's first bytes, and its first letters behind any number of blanks, in constant memory.

    Attributes:
        head: the first 16 bytes.
    """

    def __init__(self) -> None:
        self.head = b""
        self._letters = ""
        self._decoder: codecs.IncrementalDecoder | None = None

    @property
    def text(self) -> str:
        """The first 1,024 letters: UTF-16 after its byte order mark, else one a byte; empty for blanks and zeros."""
        return self._letters if self._decoder else self.head.decode("latin-1").lstrip(_BLANKS)

    def feed(self, chunk: bytes) -> None:
        """Takes the next piece."""
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
        """The sentence on what came in the file's place; None where nothing says so."""
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
    """The words of an HTTP status, several of them: `502 Bad Gateway`. A heading has one, or separators."""
    words = line.strip().lower().lstrip("0123456789 ")
    return " " in words and words in _PHRASES


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_error(line: str) -> bool:
    """A line of several words without a separator is no row of a table; one of these says why there is none."""
    if _SEPARATORS.search(line):
        return False
    return line.lower() in _PHRASES or (" " in line and _ERROR_WORDS.search(line) is not None)
