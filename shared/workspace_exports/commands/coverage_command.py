"""`coverage`: the ledger of the archive, in the terminal a calendar."""

from pathlib import Path
from typing import Annotated

import typer

from workspace_exports.commands.calendar_display import show_calendars
from workspace_exports.commands.common_options import Archive, AsJson, FirstDay, LastDay, Project, complete_kind
from workspace_exports.commands.exits import ExitCode
from workspace_exports.commands.session import session_of
from workspace_exports.commands.terminal import print_json
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.validation import parse
from workspace_exports.coverage.ledger_record import CoverageRequest
from workspace_exports.coverage.page.rendering import render
from workspace_exports.coverage.show import show_coverage
from workspace_exports.coverage.watching import WatchingAccess
from workspace_exports.runtime.settings.ledger_range import LedgerSettings

_SECONDS = 3600.0

OneKind = Annotated[
    str | None, typer.Option("--kind", metavar="KIND", help="One kind; by default all.", autocompletion=complete_kind)
]
Html = Annotated[
    Path | None, typer.Option("--html", metavar="FILE", help="Write the page into this file.", dir_okay=False)
]


def show_ledger(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    *,
    archive: Archive = None,
    kind: OneKind = None,
    project: Project = None,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    html: Html = None,
    as_json: AsJson = False,
) -> None:
    """Show the days that the archive has, and the status of the others; by default the last 400 days.

    It needs the archive alone. Exit code 1: a day is lost, at risk or failed.
    """
    session = session_of(context)
    session.existing_archive(archive)
    document = {"kind": kind, "project_id": project, "first_day": first_day, "last_day": last_day}
    request = parse(CoverageRequest, {name: value for name, value in document.items() if value is not None})
    environment = session.environment_for(archive)
    settings: WatchingAccess = LedgerSettings.read(environment)
    if environment.get("WORKSPACE_REGION"):
        settings = session.settings(archive)
    coverage = show_coverage(request, settings, Deadline.after(_SECONDS))
    if html:
        html.write_text(render(coverage), encoding="utf-8")
        session.errors.print(f"The page is in {html}", markup=False, highlight=False, soft_wrap=True)
    if as_json:
        print_json(coverage.model_dump(mode="json", exclude_none=True))
    elif not html:
        show_calendars(session.output, coverage)
    totals = coverage.totals
    has_gaps = totals.lost or totals.at_risk or totals.failed
    raise typer.Exit(ExitCode.NOT_WELL if has_gaps else ExitCode.WELL)
