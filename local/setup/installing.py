"""Installs what locks name. A lock is whole, so nothing is resolved here.

uv installs. pip does where no uv exists for the machine, where uv cannot do what pip is set to do, and where uv fails.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.setup.pip import pip_command
from local.setup.settings import uv_environment

_ROOM_BYTES = 64 * 1024 * 1024
"""Less free space than this explains why an installation failed."""


class InstallationFailed(Exception):
    """Neither uv nor pip could install; the message says what to do."""


def install(
    python: Path, locks: Sequence[Path], *, shared: Sequence[str] = (), uv: Sequence[str] = (), pip: Sequence[str] = ()
) -> None:
    """Install what ``locks`` name, and nothing else.

    Args:
        python: The interpreter of the environment that receives the packages.
        locks: Requirement files in which every package has a version and hashes.
        shared: Further options that uv and pip have in common.
        uv: Further options of uv.
        pip: Further options of pip.

    Raises:
        InstallationFailed: Neither uv nor pip could.
    """
    options = ["--quiet", "--no-deps", "--require-hashes", *shared, *(f"--requirement={lock}" for lock in locks)]
    environment = uv_environment() if importlib.util.find_spec("uv") else None
    if environment is not None:
        command = [sys.executable, "-m", "uv", "pip", "install", "--python", str(python), *uv, *options]
        if succeeds(command, environment):
            return
        fail_where_full(python.parent)
        say("uv could not install this. pip tries, which takes longer ...")
    if not _pip_installs(python, [*pip, *options]):
        fail_where_full(python.parent)
        raise InstallationFailed(
            "The packages could not be installed; the lines above say why. Is there a network, and is pip set to use "
            "its proxy and its package index (python3 -m pip config list)?"
        )


def bring_uv(environment: Path, locks: Sequence[Path]) -> None:
    """Have pip install uv, where there is one for the machine."""
    python = environment / "bin" / "python"
    options = ["--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"]
    if not _pip_installs(python, [*options, *(f"--requirement={lock}" for lock in locks)], pip_command(str(python))):
        fail_where_full(environment)
        say("There is no uv for this machine, or it could not be installed. pip installs instead, which takes minutes.")


def _pip_installs(python: Path, options: Sequence[str], pip: Sequence[str] | None = None) -> bool:
    """Have pip install for an interpreter; a `user = yes` in its settings would refuse any environment."""
    command = [*(pip or pip_command()), "--python", str(python), "install", *options]
    return succeeds(command, {**os.environ, "PIP_USER": "no"})


def succeeds(command: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Run a command to its end; on a terminal, show for how long it has been at work."""
    with subprocess.Popen(command, env=environment, close_fds=False) as process:
        seconds = 0
        try:
            while True:
                try:
                    return not process.wait(timeout=1)
                except subprocess.TimeoutExpired:
                    seconds += 1
                    _show(f"  {seconds} s")
        finally:
            _show("")
            process.terminate()


def _show(progress: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{progress:<10}\r")
        sys.stderr.flush()


def say(sentence: str) -> None:
    """Tell the user something, apart from what a command prints."""
    sys.stderr.write(f"{sentence}\n")


def fail_where_full(path: Path) -> None:
    """Raise where a disk that an installation needs has no room left."""
    cache = Path(os.environ.get("UV_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    for folder in (path, Path(tempfile.gettempdir()), cache):
        existing = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
        free = shutil.disk_usage(existing).free
        if free < _ROOM_BYTES:
            raise InstallationFailed(
                f"The disk of {existing} is full ({free // 1024**2} MiB are free). Make room on it."
            )
