"""The storage that misbehaves as one object: a server in a thread of its own, and windows to look into it."""

import threading
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Self

from local.faults import Dice, Script
from local.listener import Handler, Listener
from local.storage.faults import PASSING, Fault, check_fit, faults_for
from local.storage.front import Front
from local.storage.holding import Hold
from local.storage.listing import Written
from local.storage.operations import OPERATIONS
from local.storage.requests import Book, Passed
from local.storage.upstream import Upstream


class MisbehavingStorage:
    """An S3 on 127.0.0.1 that is another one, with faults; ``with MisbehavingStorage(endpoint) as s3: s3.url``.

    Signatures hold through it: what is signed goes on byte for byte, Host included. A body is never held whole,
    however large, but a listing that is to be stale and an answer that is to break off.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        fault_rate: float = 0.0,
        fault_names: Collection[str] = PASSING,
        fault_seed: int = 0,
        port: int = 0,
    ) -> None:
        """Stand before a storage.

        Args:
            endpoint: The URL of the storage behind; it need not listen yet.
            fault_rate: How many calls fail at random, of 1; scripted faults come first and are not counted among them.
            fault_names: Which of ``FAULTS`` these are, each where it fits; by default what passes by itself.
            fault_seed: Of the dice; which call meets which throw depends on the order they arrive in.
            port: A fixed port, or 0 for any that is free.
        """
        self._endpoint = endpoint
        dice: Dice[Fault] = Dice(partial(faults_for, names=tuple(fault_names)), fault_rate, fault_seed)
        self._script: Script[Fault] = Script(OPERATIONS, check_fit, dice)
        self._book, self._written, self._hold = Book(), Written(), Hold()
        self._listener = Listener("misbehaving-storage", self._serving, port=port)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; returns once connections are taken and raises OSError when the port is not to be had."""
        self._listener.start()

    def stop(self) -> None:
        """Cut off what is still running; stopping twice is harmless."""
        self._listener.stop()

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[Handler]:
        upstream = Upstream(self._endpoint)
        try:
            front = Front(
                upstream=upstream, script=self._script, book=self._book, written=self._written, hold=self._hold
            )
            yield front.handle
        finally:
            await upstream.close()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return self._listener.url

    @property
    def requests(self) -> tuple[Passed, ...]:
        """Every request so far, in order of arrival."""
        return self._book.all()

    def calls(self, operation: str) -> tuple[Passed, ...]:
        """The requests of one operation, refused ones too."""
        if operation not in OPERATIONS:
            raise ValueError(f"no operation is called {operation!r}; there are {', '.join(OPERATIONS)}")
        return tuple(passed for passed in self.requests if passed.operation == operation)

    def forget(self) -> None:
        """Begin to count requests anew."""
        self._book.forget()

    def script(self, operation: str, *faults: Fault) -> None:
        """Queue faults for the next calls of an operation, one each; then all is well again."""
        self._script.add(operation, *faults)

    def calm(self) -> None:
        """Forget the scripted faults that no call has met yet."""
        self._script.calm()

    def hold(self, folder: str) -> threading.Event:
        """Do the next write of a key below the folder, and never answer; the event is set once it is done."""
        self._hold.next_below(folder)
        return self._hold.is_on

    @property
    def random_faults(self) -> Mapping[str, int]:
        """How many calls have failed at random, by what they met."""
        return self._script.thrown()

    @property
    def pending_faults(self) -> Mapping[str, int]:
        """How many scripted faults no call has met yet, by operation."""
        return self._script.pending()
