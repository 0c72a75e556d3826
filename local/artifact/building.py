"""Fills one directory with all that a handler can import, and keeps it current.

    .build/python3.14-arm64/lambda/   the deployable directory
    .build/python3.11-here/lambda/    the same for this machine's own Python
    .build/python3.11-here/ric/       AWS's runtime client, which Lambda brings along by itself

Only what changed is replaced, by a rename, so that a build may run while handlers of an earlier one are at work.
"""

import fcntl
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from local.artifact.bytecode import compile_tree, compiler
from local.artifact.pruning import prune
from local.artifact.target import THIS_MACHINE, Target
from local.setup.installing import install

ROOT = Path(__file__).resolve().parents[2]

NOT_DEPLOYED = ("commands",)
"""Rooms of our own code that no function imports: a terminal's commands, whose libraries are not deployed either."""

_TASK_ROOT = PurePosixPath("/var/task")
_RIC_ROOT = PurePosixPath("/var/runtime")


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a handler can import besides the standard library: the deployed code and the runtime client."""

    code: Path
    ric: Path


def build(root: Path = ROOT) -> Artifact:
    """Bring this machine's artifact up to date: seconds when a requirement file changed, milliseconds otherwise."""
    return Artifact(code=build_code(root), ric=build_ric(root))


def build_code(root: Path = ROOT, target: Target = THIS_MACHINE) -> Path:
    """Bring up to date what is deployed. Where no Python of the target's version is found, it has no bytecode."""
    workshop = _Workshop(root, target)
    code = workshop.home / "lambda"
    with workshop.locked():
        workshop.keep_current(code, root / "requirements" / "runtime.txt", _install_pruned, _TASK_ROOT)
        for source in (root / "functions", root / "shared" / "workspace_exports"):
            workshop.keep_current(code / source.name, source, _copy, _TASK_ROOT / source.name)
    return code


def build_ric(root: Path = ROOT) -> Path:
    """Install AWS's runtime client alone, for handlers that are no part of the deployed code."""
    return build_dependencies("ric", _RIC_ROOT, root)


def build_dependencies(
    name: str, destination: PurePosixPath = _TASK_ROOT, root: Path = ROOT, target: Target = THIS_MACHINE
) -> Path:
    """Install what ``requirements/<name>.txt`` pins, compiled and otherwise as it comes."""
    workshop = _Workshop(root, target)
    tree = workshop.home / name
    with workshop.locked():
        workshop.keep_current(tree, root / "requirements" / f"{name}.txt", _install, destination)
    return tree


class _Workshop:
    """The folder in which the parts of one target's artifact are made."""

    def __init__(self, root: Path, target: Target) -> None:
        self.home = root / ".build" / target.name
        self._target = target
        self._compiler = compiler(target.python)
        # What makes a part belongs to what it is made of.
        self._recipe = f"{target.name}\0{bool(self._compiler)}\0{_digest(Path(__file__).parent)}\0"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep parallel builds, such as those of parallel test processes, apart."""
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for interrupted in self.home.glob("new-*"):
                shutil.rmtree(interrupted)
            yield

    def keep_current(
        self, directory: Path, source: Path, fill: Callable[[Path, Path, Target], None], destination: PurePosixPath
    ) -> None:
        """Refill ``directory`` when ``source`` changed; an interrupted refill leaves no stamp and is done again."""
        stamp, recipe = self.home / f"{directory.name}.stamp", self._recipe + _digest(source)
        if directory.is_dir() and stamp.is_file() and stamp.read_text() == recipe:
            return
        stamp.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(prefix="new-", dir=self.home) as scratch:
            fresh = Path(scratch) / "fresh"
            fill(source, fresh, self._target)
            if self._compiler:
                compile_tree(fresh, destination, self._compiler)
            if directory.exists():
                directory.rename(Path(scratch) / "stale")
            fresh.rename(directory)
        stamp.write_text(recipe)


def _digest(source: Path) -> str:
    digest = hashlib.sha256()
    for file in _files(source):
        digest.update(f"{file.relative_to(source)}\0{file.stat().st_size}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    return sorted(file for file in source.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def _install_pruned(requirements: Path, tree: Path, target: Target) -> None:
    _install(requirements, tree, target)
    prune(tree)


def _install(requirements: Path, tree: Path, target: Target) -> None:
    """Install for the target, whatever this machine is."""
    shared = ["--only-binary=:all:", f"--target={tree}"]
    pip = ["--no-compile", *target.pip_options]
    install(Path(sys.executable), [requirements], shared=shared, uv=target.uv_options, pip=pip)
    # Console scripts name this machine's interpreter and are of no use to a handler.
    shutil.rmtree(tree / "bin", ignore_errors=True)
    # uv leaves the lock by which it kept others out.
    (tree / ".lock").unlink(missing_ok=True)


def _copy(source: Path, tree: Path, _: Target) -> None:
    shutil.copytree(source, tree, ignore=shutil.ignore_patterns("__pycache__", *NOT_DEPLOYED))
