"""A function's process on a disk that is full for a while; its last line reports the result.

python -m tests.support.processes.full_disk <misfortune> <folder> <event>

`full` and `read-only` mount a disk of their own over the folder. For that the process needs a namespace of its own:
`unshare -Urm`. `limit` needs nothing.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from functions.fetch_file import app as fetch_file
from functions.poll_status import app as poll_status
from functions.start_export import app as start_export
from tests.support.lambda_context import CONTEXT
from workspace_exports.core.errors import ExportError

DISK_BYTES = 1024 * 1024
SPARE_BYTES = 32 * 1024
"""Room for the order book, and not for the file."""


@contextmanager
def full(folder: Path) -> Iterator[None]:
    filler = folder / "filler"
    filler.write_bytes(bytes(DISK_BYTES - sum(file.stat().st_size for file in files(folder)) - 4 * SPARE_BYTES))
    yield
    filler.unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", folder], check=True)  # noqa: S603, S607
    yield
    subprocess.run(["mount", "-o", "remount,rw", folder], check=True)  # noqa: S603, S607


@contextmanager
def limit(folder: Path) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SPARE_BYTES, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


MISFORTUNES: dict[str, Callable[[Path], Any]] = {"full": full, "limit": limit, "read-only": read_only}


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def main(misfortune: str, folder: Path, event: dict[str, Any]) -> None:
    if misfortune != "limit":
        mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
        subprocess.run(mount, check=True)  # noqa: S603
    looked = poll_status.handler(start_export.handler(event, CONTEXT), CONTEXT)
    before = set(files(folder))
    with MISFORTUNES[misfortune](folder):
        try:
            said = str(fetch_file.handler(looked, CONTEXT))
        except ExportError as error:
            said = f"{type(error).__name__}: {error}"
        left = [str(path.relative_to(folder)) for path in set(files(folder)) - before if path.name != "filler"]
    archived = fetch_file.handler(looked, CONTEXT)["archived"]
    landed = sorted(str(path.relative_to(folder)) for path in set(files(folder)) - before)
    content = (folder / archived["key"]).read_bytes().hex()
    sys.stdout.write("\n" + json.dumps([said, left, archived, landed, content]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), json.loads(sys.argv[3]))
