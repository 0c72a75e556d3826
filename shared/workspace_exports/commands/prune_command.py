"""`prune`: list what no manifest names, and remove it if asked to."""

from collections import Counter
from datetime import timedelta
from typing import Annotated

import typer

from workspace_exports.audit.orphans import GRACE
from workspace_exports.audit.prune import SHORTEST_GRACE, Fate, Leftover, sweep
from workspace_exports.commands.common_options import Archive, AsJson
from workspace_exports.commands.exits import ExitCode
from workspace_exports.commands.findings_display import FindingsDisplay, Row
from workspace_exports.commands.session import session_of
from workspace_exports.storage.store import Store

_HOUR = timedelta(hours=1)
_MOST_HOURS = 10 * 366 * 24


def prune_archive(
    context: typer.Context,
    *,
    archive: Archive = None,
    delete: Annotated[bool, typer.Option("--delete", help="Remove it; without this, it is only listed.")] = False,
    hours: Annotated[
        float,
        typer.Option(
            "--older-than-hours",
            metavar="N",
            min=SHORTEST_GRACE / _HOUR,
            max=_MOST_HOURS,
            help="Keep younger objects: a manifest may be about to name them.",
        ),
    ] = GRACE / _HOUR,
    as_json: AsJson = False,
) -> None:
    """List data that no manifest names and, in a folder, files of killed writers; remove them with --delete.

    Exit code 1: something could not be judged or removed.
    """
    if hours != hours:  # noqa: PLR0124 - not a number
        raise typer.BadParameter("must be a number of hours", param_hint="--older-than-hours")
    session = session_of(context)
    store = session.existing_archive(archive)
    display = FindingsDisplay(session.output, session.errors, as_json=as_json)
    raise typer.Exit(prune_all(store, display, timedelta(hours=hours), dry_run=not delete))


def prune_all(store: Store, display: FindingsDisplay, older_than: timedelta, *, dry_run: bool) -> ExitCode:
    """Show every leftover and its fate, and return the code."""
    counts: Counter[str] = Counter()
    if next(iter(store.keys("")), None) is None:
        display.sum_up(counts, "nothing", "There is nothing here to prune: is it the right place?", well=False)
        return ExitCode.NOT_ASKED
    with display.watching():
        for leftover in sweep(store, older_than=older_than, dry_run=dry_run):
            counts[leftover.fate] += 1
            display.count(leftover.size_bytes)
            display.show(_row(leftover))
    verdict, sentence = _verdict(counts)
    is_well = not counts[Fate.LEFT]
    display.sum_up(counts, verdict, sentence, well=is_well)
    return ExitCode.WELL if is_well else ExitCode.NOT_WELL


def _row(leftover: Leftover) -> Row:
    facts = {"size_bytes": leftover.size_bytes, "written_at": leftover.written_at.isoformat(timespec="seconds")}
    return Row(leftover.fate, leftover.key, leftover.detail, is_fault=leftover.fate is Fate.LEFT, facts=facts)


def _verdict(counts: Counter[str]) -> tuple[str, str]:
    if counts[Fate.LEFT]:
        return "left", "Not everything could be removed; the reason stands beside it."
    if counts[Fate.FOUND]:
        return "found", "Nothing was removed: this was a dry run. Remove it with --delete."
    if counts[Fate.REMOVED]:
        return "removed", "Everything that was left over is gone."
    return "clean", "Nothing is left over."
