"""Printing of texts from outside: shortened, on one line, without a signed URL."""

import re
import reprlib

_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = 80
_LONGEST_LINE = 300
_LONGEST_READ = 2000
_URL = re.compile(r"(://[^\s?#\"'<>]*)([?#][^\s\"'<>]*)?")
_QUERY = re.compile(r"\?[^\s\"'<>]*")
"""Query of a text that is no whole URL. Both patterns match wherever they begin, so no text is scanned twice."""
_USER = re.compile(r"//\S*@")
"""User and password up to the last @, because a secret key may hold a slash."""
_SECRET = re.compile(
    r"(?<![A-Za-z0-9])(ak|sk|access|secret|token|pwd|passwd|password|access[-_]?key(?:[-_]?id)?|secret[-_]?(?:access[-_]?)?key|signature|(?:x-)?(?:auth|security|subject)[-_]?token|credential)"
    r"(\\*[\"']?\s*[=:]\s*)(?:(\\*\")(?:\\.|[^\"\\])*|(\\*')(?:\\.|[^'\\])*|[^\s,;&\"']+)",
    re.IGNORECASE,
)
"""Name and value of a secret. A value in quotes matches as a whole: a password may hold commas and blanks."""


def quoted(value: object) -> str:
    """Return the caller's value with control characters escaped; the middle of a long one is left out."""
    try:
        return _REPR.repr(value)
    except ValueError:
        return "a number of thousands of digits"


def printable(name: str) -> str:
    """Return the whole name, with the characters escaped that cannot be printed."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in name)


def sanitize(text: object) -> str | None:
    """Return a text from outside as one printable line; None if there is none, or if nothing is left of it.

    The query of a URL is removed, and so is any value named as a key, a token or a signature. The line goes into logs,
    errors and the state.
    """
    if text is None:
        return None
    printable = "".join(char if char.isprintable() else " " for char in str(text)[:_LONGEST_READ])
    short = _URL.sub(lambda url: f"{url[1]}?..." if url[2] else url[0], " ".join(printable.split()))
    short = _QUERY.sub(lambda query: "?..." if "=" in query[0] else query[0], short)
    short = _SECRET.sub(lambda secret: f"{secret[1]}{secret[2]}{secret[3] or secret[4] or ''}***", short)
    return (short if len(short) <= _LONGEST_LINE else f"{short[:_LONGEST_LINE]}...") or None


def sanitize_url(url: str) -> str:
    """Return one of our own URLs as one printable line, without its user, password and query."""
    return _USER.sub("//", sanitize(url) or "")
