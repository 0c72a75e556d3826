"""Runs one handler under AWS's runtime client: ``python -I -S -B worker.py <code> <ric>``, started by the bootstrap.

Isolated (``-I``) and without site-packages (``-S``) the interpreter knows the standard library only; the two
directories are all that is added. Standard library only here, too.
"""

import os
import runpy
import socket
import sys
import threading


def main(code: str, ric: str) -> None:
    """Take the process over for the handler named by ``_HANDLER``."""
    _end_with_engine(os.environ["AWS_LAMBDA_RUNTIME_API"])
    os.chdir(code)
    os.environ |= {"LAMBDA_TASK_ROOT": code, "PWD": code}
    os.environ.pop("LC_CTYPE", None)  # the interpreter's own, where the machine lacks Lambda's locale
    sys.path[:0] = [code, ric]
    sys.argv = ["awslambdaric", os.environ["_HANDLER"]]
    runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)


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
