"""What takes long to start, kept for whoever asks next."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Generic, TypeVar

T = TypeVar("T")


class Shared(Generic[T]):
    """Started for the first who asks, again for the first who asks after it was ended."""

    def __init__(self, start: Callable[[], AbstractContextManager[T]]) -> None:
        self._start = start
        self._running = ExitStack()
        self._found: T | None = None

    def get(self) -> T:
        """The one there is, or a new one."""
        if self._found is None:
            self._found = self._running.enter_context(self._start())
        return self._found

    def end(self) -> None:
        """Ends it, if there is one."""
        self._found = None
        self._running.close()
