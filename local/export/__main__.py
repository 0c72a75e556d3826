"""`make export`: one real export, with the credentials of the environment, into a folder or an s3:// URL."""

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from local.export.chain import Chain, Show
from local.export.worth import Worth, refuse_early, worth_of
from local.places import archive_url
from local.terminal import open_console
from workspace_exports.client.credentials.profile import with_profile
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import ExportError, Misconfigured, Rejected
from workspace_exports.core.validation import parse
from workspace_exports.events import ArchivedExport, ExportRequest
from workspace_exports.exports import EXPORTS

SHORT, USAGE, INTERRUPTED = 1, 2, 130
_CODES = (
    "Exits with 0 if what was asked for is in the archive, 1 if it is not, or if the day does not count yet, 2 if the "
    "request or a setting is wrong, 130 if interrupted."
)


def main(arguments: Sequence[str] | None = None, sleep: Callable[[float], None] = time.sleep) -> int:
    """Exports, and says which day that counts for; the exit code, as `--help` has it."""
    options = _options(arguments)
    console, errors = open_console(), open_console(stderr=True)
    try:
        request = parse(ExportRequest, _event(options))
        if options.settled:
            refuse_early(request, utc_now())
        with _without_log(), _showing(console) as show:
            archived = Chain(_environment(os.environ, options.to), show, sleep).run(request)
    except ExportError as error:
        errors.print(f"{type(error).__name__}: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        return _code(error)
    except KeyboardInterrupt:
        errors.print("Interrupted. What was ordered goes on at the vendor; nothing half-way is in the archive.")
        return INTERRUPTED
    worth = worth_of(archived)
    _tell(console, archived, worth)
    return SHORT if worth.is_early else 0


def _code(error: ExportError) -> int:
    """The code of wrong usage or configuration, unless the request is merely early."""
    is_wrong = isinstance(error, Rejected | Misconfigured) and error.retry_after_seconds is None
    return USAGE if is_wrong else SHORT


def _event(options: argparse.Namespace) -> dict[str, Any]:
    """The request as start-export takes it."""
    given = {
        "kind": options.kind,
        "project_id": options.project,
        "day": options.day,
        "start_time": options.start,
        "end_time": options.end,
        "filters": _filters(options.filters),
    }
    return {name: value for name, value in given.items() if value is not None}


def _filters(text: str | None) -> object:
    try:
        return json.loads(text or "{}")
    except ValueError:
        raise Rejected('the filters are not JSON: write them as {"terminal_type": "Windows 10"}') from None


def _environment(environment: Mapping[str, str], to: str) -> dict[str, str]:
    """The settings, with the archive's place and, on a machine of somebody's own, the official SDK's profile."""
    return with_profile(environment, Path.home()) | {"ARCHIVE_URL": archive_url(to)}


@contextmanager
def _without_log() -> Iterator[None]:
    """The functions' log is for machines; a person is told by the lines shown."""
    log = logging.getLogger("workspace-exports")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


@contextmanager
def _showing(console: Console) -> Iterator[Show]:
    """What goes on: one changing line on a terminal, a line each anywhere else."""
    if not console.is_terminal:
        yield lambda text: console.print(f"  {text}", markup=False, highlight=False, soft_wrap=True)
        return
    with console.status("starting") as status:
        yield lambda text: status.update(Text(text))


def _tell(console: Console, export: ArchivedExport, worth: Worth) -> None:
    archived = export.archived
    rows = {
        "outcome": archived.outcome,
        "file": archived.url or "none: the vendor's file is empty",
        "bytes": f"{archived.size_bytes:,}",
        "sha256": archived.sha256,
        "manifest": archived.manifest_key,
        "counts": worth.says,
    }
    for name, value in rows.items():
        console.print(f"{name:9} {value}", markup=False, highlight=False, soft_wrap=True)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.export", description=__doc__, epilog=_CODES)
    parser.add_argument("--kind", required=True, metavar="KIND", help=f"one of {', '.join(EXPORTS)}")
    parser.add_argument("--day", metavar="DAY", help="a whole UTC day, such as 2026-11-20")
    parser.add_argument("--start", metavar="TIME", help="instead of a day, such as 2026-11-20T00:00:00Z")
    parser.add_argument("--end", metavar="TIME", help="instead of a day")
    parser.add_argument("--filters", metavar="JSON", help='the vendor\'s own, such as {"terminal_type": "Windows 10"}')
    parser.add_argument("--project", metavar="ID", help="where the environment does not say, or says another")
    parser.add_argument(
        "--to", default="archive", metavar="PLACE", help="a folder or s3://bucket/prefix (default archive)"
    )
    parser.add_argument(
        "--settled", action="store_true", help="refuse, before anything is ordered, a day that does not count yet"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
