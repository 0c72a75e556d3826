"""Compiles an artifact beforehand. A function's own folder is read-only, so each cold start would do it again.

Bytecode is of one version of Python, whatever the machine: an arm64 artifact can be compiled on x86_64, but a 3.14 one
by a Python 3.14 only.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_PROBE = "import sys; print(sys.implementation.cache_tag, sys.version_info.releaselevel)"


def compiler(python: tuple[int, int]) -> Path | None:
    """A Python of this version on this machine: this one, one on PATH, pyenv's, uv's; None where there is none."""
    if python == sys.version_info[:2]:
        return Path(sys.executable)
    return next((candidate for candidate in _candidates(python) if _compiles_for(python, candidate)), None)


def compile_tree(tree: Path, destination: PurePosixPath, interpreter: Path) -> None:
    """Compile all that is in ``tree`` as what lies at ``destination`` in the end.

    Unchecked hashes stay valid whatever timestamps a zip file gives the sources. The process is a fresh one, so that
    the same sources make the same bytes: what a compiler has seen before shows in its bytecode.
    """
    options = ["--invalidation-mode", "unchecked-hash", "-s", str(tree), "-p", str(destination), "-q"]
    subprocess.run([interpreter, "-I", "-S", "-m", "compileall", *options, str(tree)], check=True)


def _candidates(python: tuple[int, int]) -> Iterator[Path]:
    version = ".".join(map(str, python))
    on_path = shutil.which(f"python{version}")
    if on_path:
        yield Path(on_path)
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv") / "versions"
    yield from sorted(pyenv.glob(f"{version}.*/bin/python{version}"))
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    uv = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    yield from sorted(uv.glob(f"cpython-{version}.*/bin/python{version}"))


def _compiles_for(python: tuple[int, int], candidate: Path) -> bool:
    """Whether it is a release of this version; pyenv's shims are on PATH for versions that are not switched on."""
    try:
        run = subprocess.run([candidate, "-I", "-S", "-c", _PROBE], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return run.stdout.split() == [f"cpython-{python[0]}{python[1]}", "final"]
