"""Builds what is deployed: dependencies, functions and shared code in one directory.

    .build/cp313/lambda/   the deployable directory
    .build/cp313/ric/      AWS's runtime client, which Lambda brings along by itself

Only what changed is replaced, by a rename, so that a build may run while handlers of an earlier one are at work.
"""

import argparse
import compileall
import fcntl
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode

ROOT = Path(__file__).resolve().parent.parent
PYTHON_TAG = f"cp{sys.version_info.major}{sys.version_info.minor}"


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a handler can import besides the standard library: the deployed code and the runtime client."""

    code: Path
    ric: Path


def build(root: Path = ROOT) -> Artifact:
    """Bring ``.build`` up to date: seconds when a requirement file changed, milliseconds otherwise."""
    home = _home(root)
    code = home / "lambda"
    with _locked(home):
        _keep_current(code, root / "requirements" / "runtime.txt", _install)
        for source in (root / "functions", root / "shared" / "workspace_exports"):
            _keep_current(code / source.name, source, _copy)
    return Artifact(code=code, ric=build_ric(root))


def build_ric(root: Path = ROOT) -> Path:
    """Install AWS's runtime client alone, for handlers that are no part of the deployed code."""
    home = _home(root)
    with _locked(home):
        _keep_current(home / "ric", root / "requirements" / "ric.txt", _install)
    return home / "ric"


def _home(root: Path) -> Path:
    return root / ".build" / PYTHON_TAG


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """Keep parallel builds, such as those of parallel test processes, apart."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for interrupted in home.glob("new-*"):
            shutil.rmtree(interrupted)
        yield


def _keep_current(directory: Path, source: Path, fill: Callable[[Path, Path], None]) -> None:
    """Refill ``directory`` when ``source`` changed; an interrupted refill leaves no stamp and is done again."""
    home = next(parent for parent in directory.parents if parent.name == PYTHON_TAG)
    stamp, digest = home / f"{directory.name}.stamp", _digest(source)
    if directory.is_dir() and stamp.is_file() and stamp.read_text() == digest:
        return
    stamp.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(prefix="new-", dir=home) as scratch:
        fresh = Path(scratch) / "fresh"
        fill(source, fresh)
        # Unchecked hashes stay valid whatever timestamps a zip file gives the sources.
        compileall.compile_dir(fresh, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
        if directory.exists():
            directory.rename(Path(scratch) / "stale")
        fresh.rename(directory)
    stamp.write_text(digest)


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


def _install(requirements: Path, target: Path) -> None:
    options = ["--require-hashes", "--only-binary=:all:", "--no-compile", "--disable-pip-version-check", "--quiet"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), "-r", str(requirements)]
    subprocess.run(command, check=True)
    # Console scripts name this machine's interpreter and are of no use to a handler.
    shutil.rmtree(target / "bin", ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))


def main() -> None:
    """Build and name the directories."""
    parser = argparse.ArgumentParser(
        prog="python -m local.artifact", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args()
    artifact = build()
    print(artifact.code, artifact.ric, sep="\n")


if __name__ == "__main__":
    main()
