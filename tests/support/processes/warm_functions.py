"""The functions of one version in one process, warm from one call to the next, as in a container.

python -P tests/support/processes/warm_functions.py answers each line it reads, an event, with one line.
"""

import importlib
import json
import os
import runpy
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any, Self

ROOT = Path(__file__).parents[3]
OURS = os.pathsep.join(map(str, (ROOT, ROOT / "shared")))
"""Where the functions are that are being worked on."""
_CLOCK = "clock"
_PLENTY_MILLISECONDS = 600_000
_CONTEXT = Path(__file__).parents[1] / "lambda_context.py"


class Failed(Exception):
    """What a handler raised, by the name of its class."""


class Deployed:
    """All functions of one version; `with Deployed() as ours: ours.call("start_export", kind="users")`.

    Args:
        path: where Python finds them.
        variables: of their environment, beside the test's own.
    """

    def __init__(self, path: str = OURS, variables: Mapping[str, str] | None = None) -> None:
        self._environment = {**os.environ, **(variables or {}), "PYTHONPATH": path}
        self._cleanup = ExitStack()

    def __enter__(self) -> Self:
        command = [sys.executable, "-P", __file__]
        self.process = self._cleanup.enter_context(
            subprocess.Popen(  # noqa: S603 - our own
                command, env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        )
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self._cleanup.close()

    def call(self, function: str, **event: Any) -> dict[str, Any]:
        """What the handler returns.

        Raises:
            Failed: it raised something.
        """
        self.send(function, **event)
        return self.answer()

    def send(self, function: str, *, time_left_ms: int = _PLENTY_MILLISECONDS, **event: Any) -> None:
        """Begins a call that has so much time."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps([function, event, time_left_ms]) + "\n")
        self.process.stdin.flush()

    def advance(self, **duration: float) -> None:
        """Sets the functions' clock ahead of the real one, by hours or the like."""
        self.call(_CLOCK, **duration)

    def answer(self) -> dict[str, Any]:
        """What came of the call that was begun last."""
        assert self.process.stdout
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise Failed(answer["error"])
        result: dict[str, Any] = answer["result"]
        return result


def _serve(events: IO[str], answers: IO[str]) -> None:
    for line in events:
        try:
            answer = {"result": _handled(*json.loads(line))}
        except Exception as error:  # noqa: BLE001 - as the runtime reports whatever it is
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _handled(function: str, event: dict[str, Any], time_left_ms: int) -> Any:
    if function == _CLOCK:
        return _advance(timedelta(**event))
    lambda_context = runpy.run_path(str(_CONTEXT))["lambda_context"]
    return importlib.import_module(f"functions.{function}.app").handler(event, lambda_context(time_left_ms / 1000))


def _advance(ahead: timedelta) -> None:
    clock: Any = importlib.import_module("workspace_exports.core.clock")
    clock.datetime = SimpleNamespace(now=lambda zone: datetime.now(zone) + ahead, strptime=datetime.strptime)


if __name__ == "__main__":
    answers, sys.stdout = sys.stdout, open(os.devnull, "w")  # noqa: PTH123, SIM115 - the log goes nowhere
    _serve(sys.stdin, answers)
