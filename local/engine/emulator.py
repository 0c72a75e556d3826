"""Imports ministack and serves it: the only place that knows how it starts."""

import asyncio
import concurrent.futures
import importlib
import logging
import os
import re
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs

from hypercorn.asyncio import serve
from hypercorn.config import Config
from hypercorn.typing import (
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
    LifespanShutdownCompleteEvent,
    LifespanStartupCompleteEvent,
    Scope,
)

from local.engine.environment import ACCOUNT, REGION, SECRET_KEY, SESSION_TOKEN, function_of, only_harmless
from local.engine.patches import Replacements

_STOP_SECONDS = 5.0
_WORKER_THREADS = 16
_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/[^/]+/([\w-]+)/aws4_request")


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the engine, and how it was answered.

    Attributes:
        service: for which it was signed; None if it was not.
        function: the function whose key signed it, in a link too; None for any other key.
        target: the path with its query.
        headers: by their names in small letters.
        body: of a call to a service that speaks JSON; empty for any other.
        status: of the answer.
    """

    service: str | None
    function: str | None
    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    status: int


def settings(port: int) -> dict[str, str]:
    """Ministack's configuration; some is read when it is imported, some at every use."""
    return {
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_SESSION_TOKEN": SESSION_TOKEN,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": "WARNING",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
    }


def load(settings: dict[str, str]) -> ModuleType:
    """Import ``ministack.app`` without the developer's environment, root log handler and reaper thread."""
    # The SAM transform complains, to the terminal, that it was not allowed to send telemetry.
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with _state_directory() as state, only_harmless(settings | state), _without_thread("dynamodb-ttl-reaper"):
        ministack = importlib.import_module("ministack.app")
        # It imports every service it can provision, the reaper's among them.
        importlib.import_module("ministack.services.cloudformation")
    root.handlers[:] = handlers
    root.setLevel(level)
    return ministack


@contextmanager
def _state_directory() -> Iterator[dict[str, str]]:
    """A home for the key pair which is written, and never read again, when all services are imported."""
    with tempfile.TemporaryDirectory(prefix="local-engine-") as directory:
        yield {"STATE_DIR": directory}


def reset(ministack: ModuleType) -> None:
    """Forget everything and end all workers, without looking for Docker containers as half of the services would."""
    docker = sys.modules.get("docker")
    sys.modules["docker"] = None  # type: ignore[assignment]  # documented: makes an import fail
    try:
        ministack._reset_all_state()  # noqa: SLF001 - over HTTP it would need the server
    finally:
        del sys.modules["docker"]
        if docker:
            sys.modules["docker"] = docker


@contextmanager
def _without_thread(name: str) -> Iterator[None]:
    start = threading.Thread.start

    def start_others(thread: threading.Thread) -> None:
        if thread.name != name:
            start(thread)

    with patch.object(threading.Thread, "start", start_others):
        yield


@contextmanager
def serving(ministack: ModuleType, listener: socket.socket, note: Callable[[Call], None]) -> Iterator[None]:
    """Answer on ``listener`` from a thread with an event loop of its own, until the block ends; note every call."""
    server = _Server(ministack, listener, note)
    thread = threading.Thread(target=server.run, name="local-engine", daemon=True)
    thread.start()
    try:
        server.ready.result()
        yield
    finally:
        server.stop()
        thread.join(_STOP_SECONDS)


class _Server:
    """Serves ministack's application under a lifespan of our own.

    ministack's would start schedulers and an MQTT broker, clean up Docker containers and run init scripts.
    """

    def __init__(self, ministack: ModuleType, listener: socket.socket, note: Callable[[Call], None]) -> None:
        self.ready: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._ministack = ministack
        self._listener = listener
        self._note = note
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()

    def run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:
            if self.ready.done():
                raise
            self.ready.set_exception(error)

    def stop(self) -> None:
        if self._loop:
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        vars(self._ministack)["_MAIN_LOOP"] = self._loop  # as its own lifespan does
        self._loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(_WORKER_THREADS, "local-engine"))
        config = Config()
        config.bind = [f"fd://{os.dup(self._listener.fileno())}"]
        config.loglevel = "ERROR"
        config.graceful_timeout = 0.1
        config.keep_alive_timeout = 75
        await serve(self._application, config, shutdown_trigger=self._stopping.wait)

    async def _application(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http":
            exchange = _Exchange(scope, receive, send, self._note)
            await self._ministack.app(scope, exchange.receive, exchange.send)
            return
        if scope["type"] != "lifespan":
            await self._ministack.app(scope, receive, send)
            return
        await receive()
        await send(LifespanStartupCompleteEvent(type="lifespan.startup.complete"))
        self.ready.set_result(None)
        await receive()
        await send(LifespanShutdownCompleteEvent(type="lifespan.shutdown.complete"))


class _Exchange:
    """Notes a request when its answer begins."""

    def __init__(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, note: Callable[[Call], None]
    ) -> None:
        self._scope, self._receive, self._send, self._note = scope, receive, send, note
        self._headers = {name.decode().lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self._speaks_json = "x-amz-target" in self._headers
        self._body = b""

    async def receive(self) -> ASGIReceiveEvent:
        event = await self._receive()
        if self._speaks_json and event["type"] == "http.request":
            self._body += event["body"]
        return event

    async def send(self, event: ASGISendEvent) -> None:
        if event["type"] == "http.response.start":
            self._note(self._call(event["status"]))
        await self._send(event)

    def _call(self, status: int) -> Call:
        query = self._scope["query_string"].decode()
        signed = _SIGNED_FOR.search(self._headers.get("authorization", ""))
        token = self._headers.get("x-amz-security-token") or parse_qs(query).get("X-Amz-Security-Token", [""])[0]
        return Call(
            service=signed[1] if signed else None,
            function=function_of(token),
            method=self._scope["method"],
            target=f"{self._scope['path']}?{query}" if query else self._scope["path"],
            headers=self._headers,
            body=self._body,
            status=status,
        )


def replacements() -> Replacements:
    """Return the replacements in ministack, for ``patches.applied``."""
    return {"core.iam_evaluator:_validate_session_token": _taking_every_functions_token}


def _taking_every_functions_token(original: Callable[..., Any]) -> Callable[..., Any]:
    """Ministack knows one token for all; here each function has one of its own."""

    def validate(expected: str | None, supplied: object) -> object:
        is_functions = isinstance(supplied, str) and function_of(supplied)
        return original(expected, SESSION_TOKEN if is_functions else supplied)

    return validate
