"""A function that dies right after its n-th side effect: its process is killed, or the call ends there.

A side effect is whatever somebody else could see: an answered request to the vendor, an object written, created or
deleted, and, while a file or a plan streams through, a piece of it.
"""

import importlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from tests.support.lambda_context import lambda_context
from workspace_exports.client.download import Download
from workspace_exports.client.requests import RequestSender
from workspace_exports.coverage.plans import _Lines
from workspace_exports.storage.store import Store

_VISIBLE = ((Store, "write"), (Store, "replace"), (Store, "create"), (Store, "delete"), (RequestSender, "attempt"))
"""Every call of these methods is a side effect."""
_IN_PIECES = (Download, _Lines)
"""Every piece that these yield is a side effect once it has been consumed."""

Replace = Callable[[type, str, Any], None]


class Died(BaseException):
    """A call that ends as if its process had: no `except` of the product takes it for a failure."""


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die() -> None:
    """Ends the call instead of the process."""
    raise Died


class Effects:
    """Counts side effects, and ends everything after the last there is to be.

    Args:
        deadly: the number of the last one; 0 for no end.
        end: ends the process, or the call. What a call still tries while it falls apart comes to nothing.
    """

    def __init__(self, deadly: int, end: Callable[[], None] = _kill) -> None:
        self.deadly = deadly
        self.count = 0
        self._end = end

    def about_to_happen(self) -> None:
        """Nothing happens to others any more once the end has come."""
        if self.count >= self.deadly > 0:
            self._end()

    def happened(self) -> None:
        """One more."""
        self.count += 1
        self.about_to_happen()

    def watch(self, replace: Replace = setattr) -> None:
        """Counts from now on whatever this process does."""
        for owner, name in _VISIBLE:
            replace(owner, name, self._counting(getattr(owner, name)))
        for iterable in _IN_PIECES:
            replace(iterable, "__iter__", self._counting_pieces(iterable.__iter__))

    def _counting(self, method: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(method)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.about_to_happen()
            result = method(*args, **kwargs)
            self.happened()
            return result

        return counted

    def _counting_pieces(self, pieces: Callable[[Any], Iterator[bytes]]) -> Callable[[Any], Iterator[bytes]]:
        def counted(whole: Any) -> Iterator[bytes]:
            for piece in pieces(whole):
                yield piece
                self.happened()

        return counted


def play(function: str, event: Mapping[str, Any], deadly: int, environment: Mapping[str, str]) -> None:
    """Handles the event; comes back only if there were fewer side effects."""
    os.environ.clear()
    os.environ.update(environment)
    Effects(deadly).watch()
    app = importlib.import_module(f"functions.{function}.app")
    app.handler(event, lambda_context(600))
