"""Runs one handler under AWS's runtime client: ``python -I -S -B worker.py <code> <ric>``, started by the bootstrap.

Isolated (``-I``) and without site-packages (``-S``) the interpreter knows the standard library only; the two
directories are all that is added. Standard library only here, too.
"""

import importlib
import os
import runpy
import socket
import sys
import threading
import time
from datetime import UTC, datetime
from typing import Any


def main(code: str, ric: str) -> None:
    """Take the process over for the handler named by ``_HANDLER``."""
    _end_with_engine(os.environ["AWS_LAMBDA_RUNTIME_API"])
    os.chdir(code)
    os.environ |= {"LAMBDA_TASK_ROOT": code, "PWD": code}
    os.environ.pop("LC_CTYPE", None)  # the interpreter's own, where the machine lacks Lambda's locale
    sys.path[:0] = [code, ric]
    if haste := os.environ.pop("LOCAL_HASTE", None):
        _hasten(*map(float, haste.split()))
    sys.argv = ["awslambdaric", os.environ["_HANDLER"]]
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)


def _hasten(speed: float, since: float) -> None:
    """Let the handler live so much faster: what it sleeps, what it measures, and what it takes for now.

    Replaced before anything of the handler's is imported. The runtime client's deadline stays in real seconds, and the
    handler spends them by its own clock: its function has as little time as it would have on AWS.
    """
    clock: Any = importlib.import_module("workspace_exports.core.clock")
    stdlib: Any = time
    sleep, monotonic, now = time.sleep, time.monotonic, time.time
    stdlib.sleep = lambda seconds: sleep(seconds / speed)
    stdlib.monotonic = lambda: monotonic() * speed
    clock.utc_now = lambda: datetime.fromtimestamp(since + (now() - since) * speed, UTC)


def _end_with_engine(runtime_api: str) -> None:
    """Exit as soon as the engine is gone, even when it was killed and the handler is busy.

    The kernel closes this idle connection however the engine ends. A parent-death signal would not do: it fires when
    the *thread* which started the worker ends.
    """
    host, _, port = runtime_api.partition(":")
    lifeline = socket.create_connection((host, int(port)))

    def wait_for_the_end() -> None:
        try:
            lifeline.recv(1)
        finally:
            os._exit(1)

    threading.Thread(target=wait_for_the_end, name="lifeline", daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
