"""`revoke`: take a landed or empty day back, with a person's consent, so that it is ordered again."""

import re
import sys
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import Console

from workspace_exports.archive.layout import MANIFESTS_PREFIX, SeriesName, day_manifest_key
from workspace_exports.archive.manifests import parse_manifest
from workspace_exports.commands.common_options import Archive, AsJson, Filters, Kind, Project, day_of
from workspace_exports.commands.exits import ExitCode
from workspace_exports.commands.filter_values import read_filters
from workspace_exports.commands.session import session_of
from workspace_exports.commands.terminal import print_json
from workspace_exports.core.clock import utc_now
from workspace_exports.core.contract import NAME
from workspace_exports.core.errors import Rejected
from workspace_exports.lifecycle.revoke import check_revocable, revoke
from workspace_exports.storage.store import Store

_PROJECT = re.compile(rf"project_id=({NAME.strip('^$')})")


def revoke_day(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    kind: Kind,
    day: Annotated[str, typer.Argument(metavar="DAY", help="In UTC, such as 2026-11-20.")],
    *,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason; it stays in the archive.")],
    archive: Archive = None,
    project: Project = None,
    filters: Filters = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    even_if_lost: Annotated[
        bool,
        typer.Option(
            "--even-if-lost", help="Also a day that the vendor no longer has, so that nothing can replace it."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take a landed or empty day back, so that the next run orders it again.

    The earlier manifest is kept under revoked/ with the reason, and its file stays where it is. Exit code 1: the answer
    to the question was no.
    """
    session = session_of(context)
    wanted_day = day_of(day)
    given: dict[str, JsonValue] = read_filters(kind, filters or [])  # type: ignore[assignment]
    store = session.existing_archive(archive)
    project_id = project or session.environment.get("HUAWEICLOUD_SDK_PROJECT_ID") or _only_project(store, kind)
    series = SeriesName.of(kind, project_id, given)
    if not series.is_ours:
        raise Rejected("--project is not the id of a project", advice="Give letters, digits, - and _ only.")
    wanted = (store, series, wanted_day, why, utc_now())
    content = check_revocable(*wanted, even_if_lost=even_if_lost)
    manifest = parse_manifest(day_manifest_key(series, wanted_day), content)
    messages = session.errors if as_json else session.output
    messages.print(
        f"{kind} of {day}, project {project_id}: {manifest.outcome}, {manifest.size_bytes:,} bytes, "
        f"archived at {manifest.landed_at:%Y-%m-%d %H:%M:%S} UTC",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    if not yes and not _agrees(messages):
        messages.print("Nothing has changed.")
        raise typer.Exit(ExitCode.NOT_WELL)
    revocation = revoke(*wanted, even_if_lost=even_if_lost)
    messages.print(
        f"Taken back. The next run orders the day again. Kept under revoked/: its manifest (SHA-256 "
        f"{revocation.sha256}), and its file where it was.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    if as_json:
        print_json(revocation.model_dump(mode="json"))


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
