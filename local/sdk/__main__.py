"""`make check-vendor`: lists what the vendor's newest SDK has and the declarations lack, or have otherwise.

Reads both packages from the index that pip uses; nothing of them runs. VENDOR="--version 3.1.211" reads another
release, VENDOR="a.whl b.whl" files, VENDOR=--installed what this Python has. Exits with 0 if the declarations match, 1
if something differs, 2 if a package cannot be had.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from local.sdk.accepted import unaccepted
from local.sdk.differences import find_differences
from local.sdk.operations import Operation, read_operations
from local.sdk.sources import Folder, NoSuchPackage, downloaded, installed, wheels
from workspace_exports.exports import EXPORTS


def main(arguments: Sequence[str] | None = None) -> int:
    """Compares, and prints a line for each difference."""
    options = _options(arguments)
    try:
        with _packages(options) as packages:
            return _report(list(packages), read_all(packages))
    except NoSuchPackage as error:
        print(error, file=sys.stderr)
        return 2


def read_all(packages: Mapping[str, Folder]) -> list[Operation]:
    """All operations of the packages."""
    return [one for package, folder in packages.items() for one in read_operations(package, folder)]


def _report(packages: list[str], operations: list[Operation]) -> int:
    found = unaccepted(find_differences(EXPORTS.values(), operations))
    for difference in found:
        print(f"- {difference}")
    of = f"{len(operations)} operations of {' and '.join(packages)}"
    print(f"{len(found) or 'No'} {'difference' if len(found) == 1 else 'differences'} from {of}.")
    return 1 if found else 0


@contextmanager
def _packages(options: argparse.Namespace) -> Iterator[Mapping[str, Folder]]:
    if options.wheels:
        yield wheels(options.wheels)
    elif options.installed:
        yield installed()
    else:
        with downloaded(options.version) as packages:
            yield packages


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.sdk", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("wheels", nargs="*", type=Path, default=[], help="wheels of the packages")
    source.add_argument("--version", help="the release to download (default the newest)")
    source.add_argument("--installed", action="store_true", help="what this Python has installed")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
