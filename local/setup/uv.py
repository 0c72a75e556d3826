"""Locks with uv, through the index, certificates and proxy that pip is set to use.

    python -m local.setup.uv pip compile --help

Extra indexes and folders of files are left out: they may have but some files of a release, and a lock names all.
"""

import os
import sys

from local.setup.settings import uv_environment

_EXTRA = ("UV_INDEX", "UV_FIND_LINKS")

if __name__ == "__main__":
    environment = uv_environment()
    if environment is None:
        sys.exit("uv cannot do what pip is set to do (python3 -m pip config list).")
    kept = {name: value for name, value in environment.items() if name not in _EXTRA}
    os.execve(sys.executable, [sys.executable, "-m", "uv", *sys.argv[1:]], kept)  # noqa: S606
