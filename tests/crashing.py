"""A function that dies: run as a process of its own, it is killed right after its n-th side effect.

A side effect is whatever somebody else could see: an answered request to the vendor, an object written, created or
deleted, and, while a file or a plan streams through, a piece of it.
"""

import importlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from types import SimpleNamespace
from typing import Any

from workspace_exports.archive.plans import _Lines
from workspace_exports.archive.store import Store
from workspace_exports.vendor.calls import Caller
from workspace_exports.vendor.download import Download


class Effects:
    """Counts side effects, and ends the process after the last it is to have."""

    def __init__(self, deadly: int) -> None:
        self.deadly = deadly
        self.count = 0

    def happened(self) -> None:
        self.count += 1
        if self.count == self.deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def after(self, owner: type, name: str) -> None:
        """Every call of that method is a side effect."""
        method: Callable[..., Any] = getattr(owner, name)

        @wraps(method)
        def counted(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            self.happened()
            return result

        setattr(owner, name, counted)

    def after_each_piece(self, owner: type) -> None:
        """Every piece that such a thing yields is a side effect once it has been consumed."""
        pieces: Callable[[Any], Iterator[bytes]] = owner.__iter__  # type: ignore[attr-defined]

        def counted(whole: Any) -> Iterator[bytes]:
            for piece in pieces(whole):
                yield piece
                self.happened()

        owner.__iter__ = counted  # type: ignore[attr-defined]


def play(function: str, event: Mapping[str, Any], deadly: int, environment: Mapping[str, str]) -> None:
    """Handles the event; comes back only if there were fewer side effects."""
    os.environ.clear()
    os.environ.update(environment)
    effects = Effects(deadly)
    for owner, name in (
        (Store, "write"),
        (Store, "replace"),
        (Store, "create"),
        (Store, "delete"),
        (Caller, "attempt"),
    ):
        effects.after(owner, name)
    for pieces in (Download, _Lines):
        effects.after_each_piece(pieces)
    app = importlib.import_module(f"functions.{function}.app")
    context = SimpleNamespace(function_name="f", aws_request_id="crash", get_remaining_time_in_millis=lambda: 600_000)
    app.handler(event, context)
