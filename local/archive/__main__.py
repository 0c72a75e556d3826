"""`make verify`, `make sweep`, `make revoke`: what an archive still holds, what it can do without, what is taken back.

Options go through VERIFY=..., SWEEP=... and REVOKE=...: make sweep ARCHIVE=./archive SWEEP=--delete.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

from local.archive.display import Display, JsonLines, Lines
from local.archive.jobs import NOT_ASKED, sweep_all, verify_all
from local.archive.revoking import add_arguments, revoke_day
from local.places import archive_url
from local.terminal import open_console
from workspace_exports.audit.orphans import GRACE
from workspace_exports.audit.prune import SHORTEST_GRACE
from workspace_exports.core.errors import ExportError, Misconfigured
from workspace_exports.storage.store import Store, open_store

INTERRUPTED = 130

_HOUR = timedelta(hours=1)
_MOST_HOURS = 10 * 366 * 24
_CODES = "Exits with 0 if {well}, 1 if {not_well}, 2 if there is no archive or it cannot be asked, 130 if interrupted."


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what is asked and shows it as it happens."""
    options = _options(arguments)
    errors = open_console(stderr=True)
    try:
        store = _open(options.archive)
        if options.job == "revoke":
            return revoke_day(store, open_console(), options)
        display: Display = JsonLines(open_console()) if options.json else Lines(open_console())
        if options.job == "verify":
            return verify_all(store, display)
        return sweep_all(store, display, timedelta(hours=options.older_than_hours), dry_run=not options.delete)
    except ExportError as error:
        errors.print(f"{type(error).__name__}: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        return NOT_ASKED
    except KeyboardInterrupt:
        errors.print("Interrupted. The archive is as whole as it was; start again to see all of it.")
        return INTERRUPTED


def _open(place: str) -> Store:
    """The archive, which must be there: a look at it makes no folder.

    Raises:
        Misconfigured: nobody says where it is, or there is none.
    """
    if not place:
        raise Misconfigured("No archive is named", advice="Set ARCHIVE_URL, or give --archive.")
    url = archive_url(place)
    parts = urlsplit(url)
    if parts.scheme == "file" and not Path(unquote(parts.path)).is_dir():
        raise Misconfigured(f"There is no folder {unquote(parts.path)}", advice="Check the path.")
    return open_store(url)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.archive", description=__doc__)
    jobs = parser.add_subparsers(dest="job", required=True, metavar="JOB")
    verify = jobs.add_parser(
        "verify",
        help="reads every manifest and every object, and compares",
        description="Reads every manifest, re-reads what it names, and compares place, length and SHA-256.",
        epilog=_CODES.format(well="all is intact", not_well="something is not"),
    )
    sweep = jobs.add_parser(
        "sweep",
        help="removes what no manifest names; a dry run unless --delete",
        description="Lists data that no manifest names and, in a folder, what killed writers left; removes it at will.",
        epilog=_CODES.format(well="nothing had to be left", not_well="something could not be judged or removed"),
    )
    revoke = jobs.add_parser(
        "revoke",
        help="takes a landed or empty day back, so that it is ordered again",
        description="Takes a day back. Its manifest is kept under revoked/ with the reason, and its file stays.",
        epilog=_CODES.format(well="the day was taken back", not_well="you said no"),
    )
    add_arguments(revoke)
    for job in (verify, sweep, revoke):
        job.add_argument(
            "--archive",
            default=os.environ.get("ARCHIVE_URL", ""),
            metavar="PLACE",
            help="a folder or s3://bucket/prefix (default ARCHIVE_URL)",
        )
    for job in (verify, sweep):
        job.add_argument("--json", action="store_true", help="a JSON document per line, the summary last")
    sweep.add_argument(
        "--older-than-hours",
        type=_hours,
        default=GRACE / _HOUR,
        metavar="N",
        help="spare what is younger: its manifest may be about to be written (default %(default)g)",
    )
    sweep.add_argument("--delete", action="store_true", help="remove it; without this, it is only listed")
    return parser.parse_args(arguments)


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a number of hours, not {text!r}") from None
    if not SHORTEST_GRACE / _HOUR <= hours <= _MOST_HOURS:
        raise argparse.ArgumentTypeError(f"must be {SHORTEST_GRACE / _HOUR:g} or more, and no more than ten years")
    return hours


if __name__ == "__main__":
    sys.exit(main())
