"""Runs uv with what pip is set to use.

python -m local.setup.uv pip compile --help
"""

import os
import sys

from local.setup.settings import uv_environment

if __name__ == "__main__":
    environment = uv_environment()
    if environment is None:
        sys.exit("uv cannot do what pip is set to do (python3 -m pip config list).")
    os.execve(sys.executable, [sys.executable, "-m", "uv", *sys.argv[1:]], environment)  # noqa: S606
