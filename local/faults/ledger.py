"""What a server was asked, kept for tests to read."""

import threading
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request as it came.

    Attributes:
        operation: Its name; None where nothing is served.
        method: The verb.
        status: What went back; None as long as nothing did, lost answers included.
    """

    operation: str | None
    method: str
    status: int | None = None


_Call = TypeVar("_Call", bound=Received)


@dataclass
class Ledger(Generic[_Call]):
    """Every request in order of arrival."""

    _entries: dict[str, _Call] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, request_id: str, call: _Call) -> None:
        """Enter a request that has just arrived."""
        with self._lock:
            self._entries[request_id] = call

    def close(self, request_id: str, status: int) -> None:
        """Note the answer; called before its first byte leaves, so that its receiver finds it here."""
        with self._lock:
            if request_id in self._entries:
                self._entries[request_id] = replace(self._entries[request_id], status=status)

    def all(self) -> tuple[_Call, ...]:
        """Answer every request so far."""
        with self._lock:
            return tuple(self._entries.values())

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._entries.clear()
