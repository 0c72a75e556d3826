"""Cache of recent results for later callers, for the life of the container."""

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from workspace_exports.core.clock import utc_now

KeyT = TypeVar("KeyT", bound=Hashable)
ValueT = TypeVar("ValueT")


class TTLCache(Generic[KeyT, ValueT]):
    """Limited number of values by key, none older than a given time; a new value replaces the oldest one."""

    def __init__(self, kept_for: timedelta, most: int) -> None:
        self._kept_for = kept_for
        self._most = most
        self._kept: dict[KeyT, tuple[datetime, ValueT]] = {}

    def find(self, key: KeyT) -> ValueT | None:
        """Return the value kept under that key; None if there is none or if it is too old."""
        now = utc_now()
        self._kept = {one: (at, value) for one, (at, value) in self._kept.items() if now - at < self._kept_for}
        return self._kept[key][1] if key in self._kept else None

    def keep(self, key: KeyT, value: ValueT) -> None:
        """Keep the value from now on, in place of an earlier one."""
        self._kept.pop(key, None)
        self._kept[key] = utc_now(), value
        while len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
