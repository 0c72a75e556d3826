"""A script of the tests under Node.js, with the packages of requirements/package.json."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

MODULES: Final = Path(__file__).parents[3] / ".build" / "node" / "node_modules"
_MISSING = (
    "What judges the template is missing. Install Node.js 18 or later with npm (on Debian: apt-get install nodejs "
    "npm), then run: make .build/node/done"
)


def node(script: Path, *arguments: Path, document: str | None = None) -> Any:
    """Return the JSON that a script prints.

    Args:
        script: in CommonJS.
        arguments: of the script.
        document: its standard input.

    Raises:
        AssertionError: Node.js or its packages are missing, or the script failed.
    """
    program = shutil.which("node")
    assert program, _MISSING
    assert MODULES.is_dir(), _MISSING
    ended = subprocess.run(  # noqa: S603 - scripts of this project
        [program, script, *arguments],
        input=document,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"NODE_PATH": str(MODULES)},
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return json.loads(ended.stdout)
