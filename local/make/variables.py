"""Variables on make's command line that no rule knows: make would set them, and nothing would read them.

`python -m local.make.variables MAKE NAME ...` prints one sentence for the names that are unknown, or nothing. Known is
what the Makefile sets or reads, and what make itself knows: CC, CFLAGS, SHELL. It needs the standard library only.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from workspace_exports.core.nearest import did_you_mean

MAKEFILE = Path(__file__).parent.parent.parent / "Makefile"

_READ = re.compile(
    r"\$[({]([A-Za-z_]\w*)|\$\$([A-Z][A-Z_]*)|^(?:un)?export ([A-Za-z_]\w*)|^([A-Za-z_]\w*) *[:?+]?=", re.MULTILINE
)


def named(makefile: str) -> set[str]:
    """The variables that a makefile sets or reads."""
    return {name for found in _READ.findall(makefile) for name in found if name}


def make_s_own(make: str) -> set[str]:
    """The variables that make's built-in rules set or read."""
    command = [make, "--print-data-base", "--question", "--file", "/dev/null"]
    path = {"PATH": os.environ["PATH"], "LC_ALL": "C"}
    return named(subprocess.run(command, env=path, capture_output=True, text=True, check=False).stdout)


def complaint(unknown: Iterable[str], known: Iterable[str]) -> str:
    """One sentence for all of them; empty where there is none."""
    names = [name for name in known if name.isupper()]
    said = [f"{name} is no variable of this Makefile{did_you_mean(name, names)}" for name in unknown]
    return "; ".join(said) + ("; nothing was done: make help lists what there is" if said else "")


def main(make: str, *given: str) -> None:
    """Prints the sentence."""
    own = named(MAKEFILE.read_text(encoding="utf-8"))
    unknown = [name for name in given if name not in own]
    if unknown:
        others = make_s_own(make)
        print(complaint([name for name in unknown if name not in others], sorted(own)), end="")


if __name__ == "__main__":
    main(*sys.argv[1:])
