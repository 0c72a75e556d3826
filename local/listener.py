"""An HTTP server in a thread of its own: what listens here while tests, demo and benchmarks go on."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serving = Callable[[], AbstractAsyncContextManager[Handler]]
"""Entered and left where the server runs: what it yields answers every request."""

_HOST = "127.0.0.1"
_BODY_LIMIT_BYTES = 1024**2
_HEADER_LIMIT_BYTES = 64 * 1024
_SHUTDOWN_SECONDS = 0.01
"""Zero would mean for ever; calls that hang are cut off after this."""


class Listener:
    """Listens on 127.0.0.1 from ``start`` to ``stop``; may be started again."""

    def __init__(
        self, name: str, serving: Serving, *, port: int = 0, body_limit_bytes: int = _BODY_LIMIT_BYTES
    ) -> None:
        """Prepare to listen.

        Args:
            name: Of the thread, and of what is not running where that is told.
            serving: Gives the handler.
            port: A fixed port, or 0 for any that is free.
            body_limit_bytes: Of a request whose body is read as a whole.
        """
        self._name, self._serving, self._port, self._body_limit_bytes = name, serving, port, body_limit_bytes
        self._url: str | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end; raises RuntimeError while it does not."""
        if self._url is None:
            raise RuntimeError(f"{self._name} is not running")
        return self._url

    def start(self) -> None:
        """Listen; returns once connections are taken and raises OSError when the port is not to be had."""
        if self._url is not None:
            raise RuntimeError(f"{self._name} is running already")
        ready: Future[str] = Future()
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name=self._name, daemon=True)
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
                runner.run(self._listen(ready))
        except Exception as error:
            if ready.done():
                raise
            ready.set_exception(error)

    async def _listen(self, ready: "Future[str]") -> None:
        async with self._serving() as handler:
            runner = web.AppRunner(
                self._application(handler),
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

    def _application(self, handler: Handler) -> web.Application:
        application = web.Application(client_max_size=self._body_limit_bytes)
        application.router.add_route("*", "/{anything:.*}", _undisturbed(handler))
        return application


def _undisturbed(handler: Handler) -> Handler:
    """A caller that hangs up is no fault of the handler's, and nothing to write to a terminal."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except ConnectionResetError:
            return web.Response()

    return handle
