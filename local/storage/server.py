"""The storage that misbehaves as one object: a server in a thread of its own, and windows to look into it."""

import asyncio
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Self

from aiohttp import web

from local.faults import Dice, Script
from local.storage.faults import Fault, check_fit, passing_faults
from local.storage.front import Front
from local.storage.listing import Written
from local.storage.operations import OPERATIONS
from local.storage.requests import Book, Passed
from local.storage.upstream import Upstream

_HOST = "127.0.0.1"
_HEADER_LIMIT_BYTES = 64 * 1024
_SHUTDOWN_SECONDS = 0.01
"""Zero would mean for ever; calls that hang are cut off after this."""


class MisbehavingStorage:
    """An S3 on 127.0.0.1 that is another one, with faults; ``with MisbehavingStorage(endpoint) as s3: s3.url``.

    Signatures hold through it: what is signed goes on byte for byte, Host included. A body is never held whole,
    however large, but a listing that is to be stale and an answer that is to break off.
    """

    def __init__(self, endpoint: str, *, fault_rate: float = 0.0, fault_seed: int = 0, port: int = 0) -> None:
        """Stand before a storage.

        Args:
            endpoint: The URL of the storage behind; it need not listen yet.
            fault_rate: How many calls fail at random, of 1, by what passes by itself; scripted faults come first and
                are not counted among them.
            fault_seed: Of the dice; which call meets which throw depends on the order they arrive in.
            port: A fixed port, or 0 for any that is free.
        """
        self._endpoint, self._port = endpoint, port
        dice: Dice[Fault] = Dice(passing_faults, fault_rate, fault_seed)
        self._script: Script[Fault] = Script(OPERATIONS, check_fit, dice)
        self._book, self._written = Book(), Written()
        self._url: str | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; returns once connections are taken and raises OSError when the port is not to be had."""
        if self._url is not None:
            raise RuntimeError("the storage is running already")
        ready: Future[str] = Future()
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="misbehaving-storage", daemon=True)
        self._thread.start()
        self._url = ready.result()

    def stop(self) -> None:
        """Cut off what is still running and end the thread; stopping twice is harmless."""
        if self._url is None:
            return
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join()
        self._url = None

    def _run(self, ready: "Future[str]") -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve(ready))
        except Exception as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _serve(self, ready: "Future[str]") -> None:
        upstream = Upstream(self._endpoint)
        front = Front(upstream=upstream, script=self._script, book=self._book, written=self._written)
        app = web.Application()
        app.router.add_route("*", "/{anything:.*}", front.handle)
        runner = web.AppRunner(
            app,
            access_log=None,
            handler_cancellation=True,
            auto_decompress=False,
            max_line_size=_HEADER_LIMIT_BYTES,
            max_field_size=_HEADER_LIMIT_BYTES,
            shutdown_timeout=_SHUTDOWN_SECONDS,
        )
        await runner.setup()
        try:
            await web.TCPSite(runner, _HOST, self._port).start()
            ready.set_result(f"http://{_HOST}:{runner.addresses[0][1]}")
            await self._stopping.wait()
        finally:
            await runner.cleanup()
            await upstream.close()

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        if self._url is None:
            raise RuntimeError("the storage is not running")
        return self._url

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

    @property
    def random_faults(self) -> Mapping[str, int]:
        """How many calls have failed at random, by what they met."""
        return self._script.thrown()

    @property
    def pending_faults(self) -> Mapping[str, int]:
        """How many scripted faults no call has met yet, by operation."""
        return self._script.pending()
