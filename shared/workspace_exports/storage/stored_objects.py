"""What storage says of the objects it has, and what no listing may do: go round in circles."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from workspace_exports.core.errors import ArchiveUnavailable

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_MOST_SIGHTS = 2


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a listing says of one object.

    Attributes:
        key: below the archive's URL.
        size_bytes: of it.
        written_at: UTC, by the storage's clock.
        e_tag: another one once the object is another; None where the storage gives none.
        is_readable: False where no key can express the name, or what has it is no file: it is foreign.
    """

    key: str
    size_bytes: int
    written_at: datetime
    e_tag: str | None = None
    is_readable: bool = True


def is_expressible(key: str) -> bool:
    """Whether the storage library can be asked for the name: no empty or relative segment, nothing unprintable."""
    return not (_UNPRINTABLE.search(key) or {"", ".", ".."}.intersection(key.split("/")))


def advancing(listed: Iterable[StoredObject], place: str) -> Iterator[StoredObject]:
    """The same, as long as it gets on: one key is kept in mind at a time, twice as long each time (Brent's way).

    Raises:
        ArchiveUnavailable: that key came up again and again, as where a storage repeats its continuation token.
    """
    marked, sights, power = "", 0, 1
    for number, stored in enumerate(listed, start=1):
        if stored.key == marked:
            sights += 1
            if sights > _MOST_SIGHTS:
                raise ArchiveUnavailable(
                    f"The listing of {place!r} does not end: the storage repeats it",
                    advice="Try again; if it stays so, use another storage.",
                )
        elif number == power:
            marked, sights, power = stored.key, 0, 2 * power
        yield stored
