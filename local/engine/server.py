"""ministack inside this process, on one loopback port, gone without a trace when its block ends."""

import functools
import random
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, overload

import boto3
from botocore.config import Config

from local.engine import alarms, emulator, functions, gateway, patches, state_machines
from local.engine.environment import ACCOUNT, REGION, SECRET_KEY, without_credentials
from local.haste import Haste

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

_one_at_a_time = threading.Lock()
_CLIENT_CONFIG = Config(
    # Without this a proxy from the environment would be asked for the loopback address.
    proxies={},
    retries={"total_max_attempts": 1},
    s3={"addressing_style": "path"},
)


class LocalEngine:
    """AWS as far as this project needs it; ``with LocalEngine() as engine``, one at a time in a process.

    Its own lifespan replaces ministack's, so no schedule fires by itself and no port but ``url`` is open.

    Args:
        wait_scale: Factor on every Wait state and retry delay; timeouts are not scaled.
        haste: Lets Wait states, retry delays and the functions' own clocks and sleeps run by one faster time; takes the
            place of ``wait_scale``.
        rng: Draws retry delays.
    """

    def __init__(
        self, *, wait_scale: float = 1.0, haste: Haste | None = None, rng: random.Random | None = None
    ) -> None:
        self.url = ""
        self._haste = haste
        wait_scale = 1 / haste.speed if haste else wait_scale
        self._pace = state_machines.Pace(wait_scale, rng or random.Random())  # noqa: S311 - delays, not secrets
        self._names = state_machines.Names()
        self._output = functions.Output()
        self._calls: list[emulator.Call] = []
        self._clients: dict[str, Any] = {}
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(_alone_in_this_process())
            directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="local-engine-")))
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            self._start(stack, listener, directory)
            self._cleanup = stack.pop_all()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._cleanup.close()

    def _start(self, stack: ExitStack, listener: socket.socket, directory: Path) -> None:
        """Set everything up in an order whose reverse takes it down: sleepers, workers, server, patches."""
        settings = emulator.settings(listener.getsockname()[1])
        stack.enter_context(without_credentials(settings))
        ministack = emulator.load(settings)
        worker_patches = functions.replacements(self._output, self.url, directory / "code", self._haste)
        machine_patches = state_machines.replacements(self._pace, self._names)
        others = (gateway.replacements(), alarms.replacements(), emulator.replacements())
        stack.enter_context(patches.applied(worker_patches, machine_patches, *others))
        # Once more after the server: an execution may have started a worker while the others were ended.
        stack.callback(emulator.reset, ministack)
        stack.enter_context(emulator.serving(ministack, listener, self._calls.append))
        stack.callback(emulator.reset, ministack)
        stack.callback(self._pace.stopped.set)
        stack.callback(self._close_clients)

    @property
    def retries(self) -> list[state_machines.Retry]:
        """The retries all state machines decided on so far, oldest first."""
        return list(self._pace.retries)

    @property
    def calls(self) -> list[emulator.Call]:
        """The requests anybody sent so far, in order of arrival; what the engine asks of itself is none."""
        return list(self._calls)

    def forget_names(self) -> None:
        """Free the names of all nested executions, as 90 days do."""
        self._names.forget()

    def logs(self, function_name: str) -> list[str]:
        """Every line the function's workers wrote so far, cold starts and crashes included."""
        return self._output.of(function_name)

    def processes(self, function_name: str) -> list[int]:
        """The processes that the function runs in now, so that a test can kill or freeze them."""
        return functions.processes(function_name)

    @overload
    def client(self, service: Literal["cloudformation"]) -> "CloudFormationClient": ...
    @overload
    def client(self, service: Literal["lambda"]) -> "LambdaClient": ...
    @overload
    def client(self, service: Literal["s3"]) -> "S3Client": ...
    @overload
    def client(self, service: Literal["stepfunctions"]) -> "SFNClient": ...
    @overload
    def client(self, service: str) -> Any: ...  # noqa: ANN401 - no stubs for the others
    def client(self, service: str) -> Any:
        """A boto3 client for this engine, with dummy credentials; closed with the engine."""
        if service not in self._clients:
            create: Any = _session().client
            self._clients[service] = create(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id=ACCOUNT,
                aws_secret_access_key=SECRET_KEY,
                config=_CLIENT_CONFIG,
            )
        return self._clients[service]

    def _close_clients(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()


@functools.cache
def _session() -> boto3.session.Session:
    """One for all clients, which share what takes long to load."""
    return boto3.session.Session()


@contextmanager
def _alone_in_this_process() -> Iterator[None]:
    if not _one_at_a_time.acquire(blocking=False):
        raise RuntimeError("ministack keeps its state in modules: one engine at a time in a process")
    try:
        yield
    finally:
        _one_at_a_time.release()
