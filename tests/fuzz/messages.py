"""Inputs of targets that look like HTTP: a first word, header lines, an empty line, a body."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

_NAME = re.compile(rb"[-0-9A-Za-z]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")


class Message(NamedTuple):
    """One message; header names in lower case, as the product looks them up."""

    start: str
    headers: dict[str, str]
    body: bytes

    @property
    def number(self) -> int:
        """What the first line says, if it is a short number; else 0."""
        return int(self.start) if self.start.isascii() and self.start.isdigit() and len(self.start) <= 6 else 0

    @property
    def status(self) -> int:
        """The first line as a status that an answer can have."""
        return self.number if 200 <= self.number <= 599 else 200

    @property
    def sendable(self) -> list[tuple[bytes, bytes]]:
        """The headers that a connection would let through."""
        pairs = ((name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers.items())
        return [(name, value) for name, value in pairs if _NAME.fullmatch(name) and _VALUE.fullmatch(value)]


def read_message(content: bytes) -> Message:
    """Any bytes as a message."""
    head, _, body = content.partition(b"\n\n")
    start, *lines = head.decode("latin-1").split("\n")
    pairs = (line.partition(":") for line in lines)
    return Message(start, {name.strip().lower(): value.strip() for name, _, value in pairs}, body)


def write_message(start: object, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """The reverse."""
    return "\n".join([str(start), *(f"{name}: {value}" for name, value in headers.items())]).encode() + b"\n\n" + body


def check_line(text: str | None) -> None:
    """What is shown of somebody else's words is one short printable line."""
    assert text is None or (text.isprintable() and 0 < len(text) <= 303), text


def each(messages: Iterable[tuple[object, Mapping[str, str], bytes]]) -> Iterator[bytes]:
    """Messages written."""
    return (write_message(*message) for message in messages)
