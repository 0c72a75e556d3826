"""The pip at hand: an environment's own, or that of the Python it was made of, which takes seconds less to set up."""

import subprocess
import sys
from functools import cache

BASE_PYTHON: str = sys._base_executable  # type: ignore[attr-defined]  # noqa: SLF001 - as venv itself finds it
"""The Python that virtual environments are made of."""


def pip_command(python: str = sys.executable) -> list[str]:
    """A command that runs the pip of ``python``, or of the Python beneath it."""
    return [python if has_pip(python) else BASE_PYTHON, "-m", "pip"]


@cache
def has_pip(python: str) -> bool:
    """Tell whether a Python has a pip that works."""
    return not subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode
