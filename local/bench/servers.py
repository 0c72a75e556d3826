"""nginx at both ends of a transfer: a source of one large file, and an S3 that reads whatever comes and discards it.

They cost as little as servers can, so that what is measured is the client between them. They check no signature.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from string import Template

_HERE = Path(__file__).parent
_HOST = "127.0.0.1"
_STARTING_SECONDS = 10.0
_POLL_SECONDS = 0.01


class ProgramMissing(Exception):
    """The machine lacks a program; the text says where it is to be had."""


class _Configuration(Template):
    """nginx has a use of its own for the dollar sign."""

    delimiter = "@"


@dataclass(frozen=True, slots=True)
class Received:
    """One request; the sink has read its body to the end, unless the status says otherwise."""

    method: str
    status: int
    size_bytes: int
    target: str


@dataclass(frozen=True, slots=True)
class Sink:
    """An S3 in which every bucket is there, whatever is written succeeds, and nothing can be read."""

    url: str
    log: Path

    def received(self) -> list[Received]:
        """Every request so far, in the order of their ends."""
        lines = [line.split(" ", 3) for line in self.log.read_text(encoding="utf-8").splitlines()]
        return [
            Received(method, int(status), int(size.replace("-", "0")), target) for method, status, size, target in lines
        ]

    def data_bytes(self) -> int:
        """How much came of objects below `data/`."""
        puts = (one for one in self.received() if one.method == "PUT" and one.status == HTTPStatus.OK)
        return sum(put.size_bytes for put in puts if "/data/" in put.target)


def find_nginx(path: str | None = None) -> str:
    """The program, on that path; by default on the environment's, or where Debian puts it.

    Raises:
        ProgramMissing: it is not installed.
    """
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin" if path is None else path)
    if found is None:
        raise ProgramMissing("nginx is needed, to serve files and to discard them: install Debian's nginx-light")
    return found


@contextmanager
def serve_file(file: Path, folder: Path) -> Iterator[str]:
    """The vendor's endpoint, as far as downloads go: every task's file is this one, under a strong ETag.

    Args:
        file: stays as it is meanwhile.
        folder: empty, for the server's own use.
    """
    with _nginx("source.conf", folder, file=str(file)) as url:
        yield url


@contextmanager
def discard(folder: Path) -> Iterator[Sink]:
    """The sink; parts and objects of up to 72 MiB never touch the disk.

    Args:
        folder: empty, for the server's own use.
    """
    with _nginx("sink.conf", folder) as url:
        yield Sink(url, folder / "received.log")


@contextmanager
def _nginx(template: str, folder: Path, **places: str) -> Iterator[str]:
    port, configuration = _free_port(), folder / "nginx.conf"
    text = (_HERE / template).read_text(encoding="utf-8")
    configuration.write_text(_Configuration(text).substitute(places, folder=folder, port=port), encoding="utf-8")
    command = [find_nginx(), "-p", str(folder), "-e", "stderr", "-c", str(configuration)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
        try:
            _await_listening(server, port)
            yield f"http://{_HOST}:{port}"
        finally:
            server.terminate()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((_HOST, 0))
        return int(listener.getsockname()[1])


def _await_listening(server: subprocess.Popen[str], port: int) -> None:
    """It does not say when it does."""
    until = time.monotonic() + _STARTING_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as caller:
            if caller.connect_ex((_HOST, port)) == 0:
                return
        time.sleep(_POLL_SECONDS)
    server.terminate()
    raise RuntimeError(f"nginx does not serve: {server.communicate()[1]}")
