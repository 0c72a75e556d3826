"""How what others said is shown: never longer than it helps, never more than one line, never a signed URL."""

import re
import reprlib

_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = 80
_LONGEST_LINE = 300
_LONGEST_READ = 2000
_URL = re.compile(r"(://[^\s?#\"'<>]*)([?#][^\s\"'<>]*)?")
_QUERY = re.compile(r"\?[^\s\"'<>]*")
"""Both match wherever they begin, so that no text is gone through twice."""
_USER = re.compile(r"//\S*@")
"""Up to the last @: a secret key may well hold a slash."""
_SECRET = re.compile(
    r"(?<![A-Za-z0-9])(ak|sk|access|secret|token|pwd|passwd|password|access[-_]?key(?:[-_]?id)?|secret[-_]?(?:access[-_]?)?key|signature|(?:x-)?(?:auth|security|subject)[-_]?token|credential)"
    r"(\\*[\"']?\s*[=:]\s*)(?:(\\*\")(?:\\.|[^\"\\])*|(\\*')(?:\\.|[^'\\])*|[^\s,;&\"']+)",
    re.IGNORECASE,
)
"""In quotes, all of it: a password may hold commas and blanks."""


def quoted(value: object) -> str:
    """A value of the caller's, control characters escaped and the middle left out where it is long."""
    try:
        return _REPR.repr(value)
    except ValueError:
        return "a number of thousands of digits"


def printable(name: str) -> str:
    """A name with all of its characters, those that cannot be shown escaped."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in name)


def line(text: object) -> str | None:
    """Somebody else's words as one printable line; None if there are none, or nothing is left of them.

    The query of a URL goes, and what is called a key, a token or a signature: these words end up in logs, in errors
    and in the state.
    """
    if text is None:
        return None
    printable = "".join(char if char.isprintable() else " " for char in str(text)[:_LONGEST_READ])
    short = _URL.sub(lambda url: f"{url[1]}?..." if url[2] else url[0], " ".join(printable.split()))
    short = _QUERY.sub(lambda query: "?..." if "=" in query[0] else query[0], short)
    short = _SECRET.sub(lambda secret: f"{secret[1]}{secret[2]}{secret[3] or secret[4] or ''}***", short)
    return (short if len(short) <= _LONGEST_LINE else f"{short[:_LONGEST_LINE]}...") or None


def place(url: str) -> str:
    """A URL of our own as one printable line, without the user, the password or the query that it may hold."""
    return _USER.sub("//", line(url) or "")
