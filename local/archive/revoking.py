"""Taking a day back, with a person's consent."""

import argparse
import json
import os
import re
import sys
from datetime import date

from pydantic import JsonValue
from rich.console import Console

from workspace_exports.archive.layout import MANIFESTS_PREFIX, SeriesName, day_manifest_key
from workspace_exports.archive.manifests import parse_manifest
from workspace_exports.core.clock import utc_now
from workspace_exports.core.contract import NAME
from workspace_exports.core.errors import Rejected
from workspace_exports.exports import find_export
from workspace_exports.lifecycle.revoke import check_revocable, revoke
from workspace_exports.storage.store import Store

DONE, NOT_DONE = 0, 1

_PROJECT = re.compile(rf"project_id=({NAME.strip('^$')})")


def add_arguments(job: argparse.ArgumentParser) -> None:
    """Declare what `revoke` takes."""
    job.add_argument("kind", metavar="KIND", help="for example connection-records")
    job.add_argument("day", metavar="DAY", type=_day, help="for example 2026-11-20, in UTC")
    job.add_argument("--why", required=True, metavar="TEXT", help="the reason; it stays in the archive")
    job.add_argument(
        "--project",
        default=os.environ.get("HUAWEICLOUD_SDK_PROJECT_ID", ""),
        metavar="ID",
        help="the vendor's project (default HUAWEICLOUD_SDK_PROJECT_ID, else the only one of the kind)",
    )
    job.add_argument(
        "--filters",
        default={},
        type=_filters,
        metavar="JSON",
        help="those of a series that is archived with filters, as in targets.json",
    )
    job.add_argument("--yes", action="store_true", help="do not ask")
    job.add_argument(
        "--even-if-lost",
        action="store_true",
        help="also a day that the vendor no longer has, so that nothing can come in its place",
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a day such as 2026-11-20, not {text!r}") from None


def _filters(text: str) -> dict[str, JsonValue]:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise argparse.ArgumentTypeError('must be a JSON object such as {"terminal_type": "Windows 10"}')
    return found


def revoke_day(store: Store, console: Console, options: argparse.Namespace) -> int:
    """Show what the archive has of the day, ask, and take it back; 0 if it was taken back.

    Raises:
        Rejected: the day is not archived or cannot be ordered again, or consent cannot be asked for; nothing changed.
        ArchiveUnavailable: storage refused.
    """
    find_export(options.kind)
    project_id = options.project or _only_project(store, options.kind)
    series = SeriesName.of(options.kind, project_id, options.filters)
    if not series.is_ours:
        raise Rejected("--project is not the id of a project", advice="Give letters, digits, - and _ only.")
    wanted = (store, series, options.day, options.why, utc_now())
    content = check_revocable(*wanted, even_if_lost=options.even_if_lost)
    manifest = parse_manifest(day_manifest_key(series, options.day), content)
    console.print(
        f"{options.kind} of {options.day}, project {series.project_id}: {manifest.outcome}, "
        f"{manifest.size_bytes:,} bytes, archived at {manifest.landed_at:%Y-%m-%d %H:%M:%S} UTC",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    if not options.yes and not _agrees(console):
        console.print("Nothing has changed.")
        return NOT_DONE
    revocation = revoke(*wanted, even_if_lost=options.even_if_lost)
    console.print(
        f"Taken back. The next run orders the day again. Kept under revoked/: its manifest (SHA-256 "
        f"{revocation.sha256}), and its file where it was.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    return DONE


def _agrees(console: Console) -> bool:
    if not sys.stdin.isatty():
        raise Rejected("There is no terminal to ask on", advice="Give --yes to take the day back without a question.")
    return console.input("Take it back, so that it is ordered again? [y/N] ").strip().lower() in {"y", "yes"}


def _only_project(store: Store, kind: str) -> str:
    names = [
        found[1] for name in store.folders(f"{MANIFESTS_PREFIX}kind={kind}/") if (found := _PROJECT.fullmatch(name))
    ]
    projects = [name for name in names if re.fullmatch(NAME, name)]
    if len(projects) != 1:
        advice = "Name the one that is meant with --project." if projects else "Check --archive, and the kind."
        raise Rejected(f"The archive has {kind} of {len(projects) or 'no'} projects", advice=advice)
    return projects[0]
