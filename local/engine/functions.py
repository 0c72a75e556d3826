"""How ministack runs a function here: a scrubbed environment, all output kept, AWS's answer when it fails."""

import importlib
import subprocess
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Protocol

from local.engine import environment
from local.engine.patches import Replacements
from local.haste import Haste


class Output:
    """Every line a function's workers wrote, by function, whether or not an invocation was there to log it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: defaultdict[str, list[str]] = defaultdict(list)

    def of(self, function_name: str) -> list[str]:
        """The lines so far."""
        with self._lock:
            return list(self._lines[function_name])

    def add(self, function_name: str, line: bytes) -> None:
        """Keep one line."""
        with self._lock:
            self._lines[function_name].append(line.decode(errors="replace").rstrip("\r\n"))


class _Worker(Protocol):
    """What is needed of ministack's own."""

    func_name: str
    _proc: "subprocess.Popen[bytes] | None"


class _Tee:
    """The output of one worker, kept while ministack reads it."""

    def __init__(self, stream: IO[bytes], keep: Callable[[bytes], None]) -> None:
        self._stream = stream
        self._keep = keep

    def readline(self) -> bytes:
        line = self._stream.readline()
        if line:
            self._keep(line)
        return line

    def close(self) -> None:
        self._stream.close()


def processes(function_name: str) -> list[int]:
    """The ids of the processes that the function's workers have now."""
    pools: dict[str, list[_Worker]] = importlib.import_module("ministack.core.lambda_runtime")._workers  # noqa: SLF001
    own = [worker for pool in list(pools.values()) for worker in pool if worker.func_name == function_name]
    return [process.pid for worker in own if (process := worker._proc) and process.poll() is None]  # noqa: SLF001


def replacements(output: Output, endpoint_url: str, code_cache: Path, haste: Haste | None = None) -> Replacements:
    """Return the replacements in ministack, for ``patches.applied``."""
    functions, worker = "services.lambda_svc", "core.lambda_runtime:ProvidedWorker"
    return {
        f"{functions}:_PROVIDED_CODE_CACHE": lambda _: str(code_cache),
        f"{functions}:_provided_worker_env": lambda _: _scrubbed(endpoint_url, haste),
        f"{functions}:_ensure_reaper_thread": lambda _: _do_nothing,
        f"{functions}:lambda_execute_result_to_api_proxy_response": _without_stack_traces,
        f"{worker}._build_handler_class": _answering_in_one_packet,
        f"{worker}._pump_output": lambda original: _keeping(original, output),
    }


def _scrubbed(endpoint_url: str, haste: Haste | None) -> Callable[..., dict[str, str]]:
    """Ministack passes its own environment on to handlers."""
    hastened = {"LOCAL_HASTE": f"{haste.speed} {haste.since}"} if haste else {}

    def handler_environment(config: Mapping[str, Any], _code_dir: str, port: int) -> dict[str, str]:
        return environment.of_handler(config, f"127.0.0.1:{port}", endpoint_url) | hastened

    return handler_environment


def _do_nothing() -> None:
    """Idle workers are not worth a thread which outlives the engine."""


def _without_stack_traces(original: Callable[..., Any]) -> Callable[..., Any]:
    """A failed function is ``Internal Server Error`` to HTTP callers; ministack shows them its stack trace."""

    def to_response(result: Mapping[str, Any]) -> object:
        if result.get("error") and not result.get("throttle"):
            return {"statusCode": 500, "body": '{"message":"Internal Server Error"}'}, None
        return original(result)

    return to_response


def _answering_in_one_packet(original: Callable[..., type]) -> Callable[..., type]:
    """Headers and body sent apart cost 40 ms of Nagle's algorithm, twice per invocation."""

    def build(*args: object) -> type:
        return type("RuntimeAPI", (original(*args),), {"wbufsize": -1, "disable_nagle_algorithm": True})

    return build


def _keeping(original: Callable[..., None], output: Output) -> Callable[..., None]:
    def pump(worker: _Worker, stream: IO[bytes], lines: object) -> None:
        original(worker, _Tee(stream, lambda line: output.add(worker.func_name, line)), lines)

    return pump
