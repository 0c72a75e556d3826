"""What passed, for tests to read."""

import threading
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, kw_only=True)
class Passed:
    """One request as it came.

    Attributes:
        operation: One of OPERATIONS.
        method: The verb.
        path: With the query, byte for byte.
        headers: Names in lower case; not shown, since they hold the signature.
        status: What went back; None as long as nothing did, lost answers included.
    """

    operation: str
    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    status: int | None = None


class Book:
    """Every request in order of arrival."""

    def __init__(self) -> None:
        self._passed: dict[int, Passed] = {}
        self._next = 0
        self._lock = threading.Lock()

    def enter(self, passed: Passed) -> int:
        """Note what has arrived, and answer a number to note its status under."""
        with self._lock:
            self._next += 1
            self._passed[self._next] = passed
            return self._next

    def close(self, number: int, status: int) -> None:
        """Note the answer, before its first byte leaves."""
        with self._lock:
            if number in self._passed:
                self._passed[number] = replace(self._passed[number], status=status)

    def all(self) -> tuple[Passed, ...]:
        """Answer every request so far."""
        with self._lock:
            return tuple(self._passed.values())

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._passed.clear()
