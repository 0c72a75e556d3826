"""What comes in and what goes out, without any HTTP library in it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

JSON_TYPE = "application/json"


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request exactly as it was on the wire; a signature covers nothing less."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        """The raw path, still percent-encoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The decoded pairs in wire order.

        A plus sign stays a plus sign: the signature scheme writes spaces as %20 only.
        """
        pairs = (pair.partition("=") for pair in self.target.partition("?")[2].split("&") if pair)
        return [(unquote(name), unquote(value)) for name, _, value in pairs]

    def header(self, name: str) -> str | None:
        """Answer the first header of that name, in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


@dataclass(frozen=True, kw_only=True)
class FileSlice:
    """A part of a file on disk, so that serving a large report needs no memory."""

    path: Path
    offset: int
    length: int


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A status, headers and a body; scripted, it replaces what the stand-in would have said."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | FileSlice = b""


def json_answer(content: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer JSON the way the vendor does."""
    return Answer(
        status=status,
        headers={"Content-Type": JSON_TYPE, **(headers or {})},
        body=json.dumps(content, ensure_ascii=False).encode(),
    )
