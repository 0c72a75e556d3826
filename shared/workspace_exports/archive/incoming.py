"""A file on its way in, as the archive sees whatever brings it."""

from collections.abc import Iterator
from typing import Protocol


class IncomingFile(Protocol):
    """Bytes that are read once, and what is known of them."""

    @property
    def size_bytes(self) -> int | None:
        """The announced length, None where none is."""

    @property
    def is_framed(self) -> bool:
        """True where the end is marked, by a length or a last chunk: what comes to its end is then whole."""

    @property
    def request_ids(self) -> tuple[str, ...]:
        """The vendor's names for the answers that have brought bytes so far."""

    def __iter__(self) -> Iterator[bytes]:
        """The bytes, in chunks of any size."""
