"""A write that is done and never answered, so that whoever waits for the answer can be ended meanwhile."""

import threading


class Hold:
    """Waits for the next write below a folder.

    Attributes:
        is_on: set once that write is done and its caller waits.
    """

    def __init__(self) -> None:
        self._folder: str | None = None
        self._lock = threading.Lock()
        self.is_on = threading.Event()

    def next_below(self, folder: str) -> None:
        """Hold the next write of a key that has this in it."""
        with self._lock:
            self._folder = folder
            self.is_on.clear()

    def takes(self, path: str) -> bool:
        """Whether this write is the one, which is then not waited for any more."""
        with self._lock:
            is_meant = self._folder is not None and f"/{self._folder}" in path
            if is_meant:
                self._folder = None
            return is_meant
