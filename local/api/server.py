"""Forwards what comes in to the engine's form of the API's address; serves the reference itself."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from aiohttp import ClientSession, web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from local.api.reference import page

_HOST = "127.0.0.1"
_BODY_LIMIT_BYTES = 10 * 1024 * 1024
"""As API Gateway has it."""
_SHUTDOWN_SECONDS = 0.01
"""Zero would mean for ever; calls still under way are cut off after this."""
_OF_ONE_CONNECTION = frozenset(
    {"connection", "content-length", "date", "host", "keep-alive", "server", "transfer-encoding", "upgrade"}
)
_INLINE = "'unsafe-inline'"
_CONTENT_POLICY = f"default-src 'none'; script-src {_INLINE}; style-src {_INLINE}; img-src data:; connect-src 'self'"
"""The page loads nothing from anywhere, and calls this API alone."""

Describe = Callable[[str], Mapping[str, Any]]
Headers = CIMultiDict[str] | CIMultiDictProxy[str]


@contextmanager
def serving(api_url: str, describe: Describe) -> Iterator[str]:
    """The API at `api_url` on a free port of 127.0.0.1 until the block ends; yields its URL there.

    `/docs` there is the page for the OpenAPI document that `describe` gives for that URL.
    """
    server = _Server(api_url, describe)
    thread = threading.Thread(target=server.run, name="local-api", daemon=True)
    thread.start()
    try:
        yield server.ready.result()
    finally:
        server.stop()
        thread.join()


class _Server:
    def __init__(self, api_url: str, describe: Describe) -> None:
        self.ready: Future[str] = Future()
        self._api_url = api_url
        self._describe = describe
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()

    def run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(self._serve())
        except Exception as error:
            if self.ready.done():
                raise
            self.ready.set_exception(error)

    def stop(self) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def _serve(self) -> None:
        app = web.Application(client_max_size=_BODY_LIMIT_BYTES)
        app.router.add_get("/docs", self._refer)
        app.router.add_route("*", "/{anything:.*}", self._forward)
        runner = web.AppRunner(app, access_log=None, auto_decompress=False, shutdown_timeout=_SHUTDOWN_SECONDS)
        await runner.setup()
        async with ClientSession(auto_decompress=False) as self._engine:
            try:
                await web.TCPSite(runner, _HOST, 0).start()
                self._url = f"http://{_HOST}:{runner.addresses[0][1]}"
                self.ready.set_result(self._url)
                await self._stopping.wait()
            finally:
                await runner.cleanup()

    async def _forward(self, request: web.Request) -> web.Response:
        """Hand on a call and its answer."""
        async with self._engine.request(
            request.method,
            URL(f"{self._api_url}{request.raw_path}", encoded=True),
            headers=_handed_on(request.headers),
            data=await request.read() or None,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            allow_redirects=False,
        ) as answer:
            return web.Response(status=answer.status, body=await answer.read(), headers=_handed_on(answer.headers))

    async def _refer(self, request: web.Request) -> web.Response:
        document = json.dumps(self._describe(self._url))
        if request.query.get("format") == "json":
            return web.Response(text=document, content_type="application/json")
        headers = {"Content-Security-Policy": _CONTENT_POLICY}
        return web.Response(text=page(document), content_type="text/html", headers=headers)


def _handed_on(headers: Headers) -> Headers:
    """All but what belongs to one connection, or is written anew for each."""
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in _OF_ONE_CONNECTION)
