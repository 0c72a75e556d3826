"""Facts of a listing about the stored objects, and a guard against a listing that repeats forever."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from workspace_exports.core.errors import ArchiveUnavailable

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_MOST_SIGHTS = 2


@dataclass(frozen=True, slots=True)
class StoredObject:
    """Entry of a listing about one object.

    Attributes:
        key: the key below the archive's URL.
        size_bytes: the object's size.
        written_at: the time of the write, in UTC, by the storage's clock.
        e_tag: a value that changes with the object; None if the storage gives none.
        is_readable: False if no key can express the name, or if the entry is no file: the name is foreign.
    """

    key: str
    size_bytes: int
    written_at: datetime
    e_tag: str | None = None
    is_readable: bool = True


def is_expressible(key: str) -> bool:
    """Return whether obstore accepts the name: no empty or relative segment, no unprintable character."""
    return not (_UNPRINTABLE.search(key) or {"", ".", ".."}.intersection(key.split("/")))


def advancing(listed: Iterable[StoredObject], place: str) -> Iterator[StoredObject]:
    """Yield the listed objects until the listing ends; raise if it repeats.

    One key is remembered at a time, each for twice as many objects as the key before (Brent's algorithm).

    Raises:
        ArchiveUnavailable: the remembered key came again 3 times, as when a storage repeats its continuation token.
    """
    marked, sights, power = "", 0, 1
    for number, stored in enumerate(listed, start=1):
        if stored.key == marked:
            sights += 1
            if sights > _MOST_SIGHTS:
                raise ArchiveUnavailable(
                    f"The listing of {place!r} does not end: the storage repeats it",
                    advice="Try again; if it happens again, use another storage.",
                )
        elif number == power:
            marked, sights, power = stored.key, 0, 2 * power
        yield stored
