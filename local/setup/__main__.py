"""Sets up a virtual environment: installs what locks name, and leaves a mark for make.

    python -m local.setup .build/venv/done/dev requirements/dev.txt

The mark, here `done/dev`, is written last. An environment without any mark was never finished and is made anew.
"""

import argparse
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.setup.installing import InstallationFailed, bring_uv, fail_where_full, install, say, succeeds
from local.setup.pip import BASE_PYTHON, has_pip


def main() -> None:
    """Install what the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m local.setup", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("mark", type=Path, help="ENVIRONMENT/done/NAME, written last")
    parser.add_argument("locks", type=Path, nargs="+", help="requirement files with hashes")
    parser.add_argument("--uv", action="store_true", help="the lock names uv: pip installs it, where there is one")
    parser.add_argument("--python", default=sys.executable, help="what a new environment is made of; default: this one")
    arguments = parser.parse_args()
    mark, environment = arguments.mark, arguments.mark.parents[1]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with _alone(environment), _marking(environment, mark, arguments.python, pip=arguments.uv):
            if arguments.uv:
                bring_uv(environment, arguments.locks)
            else:
                install(environment / "bin" / "python", arguments.locks)
    except KeyboardInterrupt:
        sys.exit("Interrupted. The next call of make starts this set-up over.")
    except InstallationFailed as error:
        sys.exit(f"{error}\nThen call make again: it starts this set-up over.")


@contextmanager
def _alone(environment: Path) -> Iterator[None]:
    """Wait until no other process changes ``environment``; what a killed set-up left running counts as one."""
    environment.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{environment}.lock").open("w") as place:
        os.set_inheritable(place.fileno(), True)
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"Waiting for another process that sets up {environment} ...")
            fcntl.flock(place, fcntl.LOCK_EX)
        yield


@contextmanager
def _marking(environment: Path, mark: Path, python: str, *, pip: bool) -> Iterator[None]:
    """Take the marks away while the environment changes, and leave ``mark`` beside them where all went well."""
    marks = list(mark.parent.glob("*"))
    if not marks:
        _make(environment, python, pip=pip)
    for path in marks:
        path.unlink()
    yield
    mark.parent.mkdir(exist_ok=True)
    for path in {*marks, mark}:
        path.touch()


def _make(environment: Path, python: str, *, pip: bool) -> None:
    """Make an empty virtual environment of ``python``; with a pip of its own where there is none at hand."""
    if environment.exists():
        say(f"The set-up of {environment} was not finished. Starting it over ...")
    options = [] if pip and not has_pip(BASE_PYTHON) else ["--without-pip"]
    if not succeeds([python, "-m", "venv", "--clear", *options, str(environment)], os.environ):
        fail_where_full(environment)
        raise InstallationFailed("No virtual environment could be made; the lines above say why.")


if __name__ == "__main__":
    main()
