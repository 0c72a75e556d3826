"""A file on its way in, as the archive sees whatever brings it."""

from collections.abc import Iterator
from typing import Protocol


class IncomingFile(Protocol):
    """Bytes that are read once, and what is known of them."""

    @property
    def size_bytes(self) -> int | None:
        """The announced length, None where none is."""

    @property
    def request_ids(self) -> tuple[str, ...]:
        """The vendor's names for the answers that have brought bytes so far."""

    def __iter__(self) -> Iterator[bytes]:
        """The bytes, in chunks of any size."""
