"""What listens in a thread of its own."""

import logging
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import pytest
from aiohttp import web

from local.listener import Handler, Listener


def test_a_caller_who_hangs_up_amid_an_answer_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    ended = threading.Event()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(bytes(65536))
        finally:
            ended.set()

    @asynccontextmanager
    async def serving() -> AsyncIterator[Handler]:
        yield endless

    listener = Listener("endless", serving)
    listener.start()
    address = urlsplit(listener.url)
    with caplog.at_level(logging.ERROR):
        with socket.create_connection((str(address.hostname), int(address.port or 0))) as caller:
            caller.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            assert caller.recv(1)
        assert ended.wait(30)
        listener.stop()
    assert caplog.records == []


def test_what_does_not_listen_has_no_address() -> None:
    @asynccontextmanager
    async def serving() -> AsyncIterator[Handler]:
        raise AssertionError
        yield

    listener = Listener("nobody", serving)
    with pytest.raises(RuntimeError, match="nobody is not running"):
        listener.url  # noqa: B018 - asking is the test
    listener.stop()
