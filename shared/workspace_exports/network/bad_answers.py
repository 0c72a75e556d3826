"""Faults of answers that arrive but cannot be used: encoded, endless, or not valid HTTP."""

import re

import httpx

_CLOSED = ("Server disconnected", "peer closed connection", "peer unexpectedly closed connection")
_IN_OTHER_WORDS = {
    "Receive buffer too long": "it is longer than 100 KiB",
    "Only Transfer-Encoding: chunked is supported": "its Transfer-Encoding is another one than chunked",
    "illegal request line": "it begins with a blank or a control character",
}
_ABOUT_A_LINE = re.compile(
    r"(?P<what>illegal (?P<part>header|status) line): (?:bytearray\()?b['\"](?P<line>.*?)['\"]\)?"
)
_CHUNKS = ("illegal chunk", "malformed chunk")
_MOST_SHOWN = 40


class EndlessAnswer(httpx.RemoteProtocolError):
    """Error for an answer that is longer, or takes longer, than the limits allow."""


class EncodedAnswer(httpx.RemoteProtocolError):
    """Error for an answer that is packed although the request forbids it.

    A few packed bytes may unpack to more than fits into memory.
    """


def malformed_head(failure: httpx.RequestError | None) -> str | None:
    """Return the fault of an answer, for an error's text; None if no answer arrived or its connection broke off.

    For a bad header line the text has only the header's name, because the value may be a token.
    """
    said = str(failure)
    if isinstance(failure, EncodedAnswer | EndlessAnswer):
        return said
    if not isinstance(failure, httpx.RemoteProtocolError) or said.startswith(_CLOSED):
        return None
    if said.startswith(_CHUNKS):
        return "the body of the answer is malformed: its chunks are not well-formed"
    return f"the head of the answer is malformed: {_IN_OTHER_WORDS.get(said) or _without_values(said)}"


def _without_values(said: str) -> str:
    """Return h11's message with any quoted line cut at its first colon.

    A header line without a colon is left out completely.
    """
    found = _ABOUT_A_LINE.fullmatch(said)
    if found is None:
        return said.partition(": ")[0]
    name, colon, _ = found["line"].partition(":")
    is_shown = colon or found["part"] == "status"
    return f"{found['what']} '{name[:_MOST_SHOWN]}'" if is_shown else f"{found['what']}, without a colon"
