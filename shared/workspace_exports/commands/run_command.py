"""`run`: the whole archive workflow in this process."""

from contextlib import closing
from typing import Annotated

import typer

from workspace_exports.commands.archive_workflow import ArchiveWorkflow
from workspace_exports.commands.common_options import Archive, AsJson, FirstDay, Kinds, LastDay, Project, kinds_of
from workspace_exports.commands.exits import ExitCode
from workspace_exports.commands.export_workflow import ExportWorkflow
from workspace_exports.commands.run_display import RunDisplay
from workspace_exports.commands.session import session_of
from workspace_exports.commands.terminal import print_json
from workspace_exports.commands.workflow_rules import EXPORTS_AT_ONCE, MOST_AT_ONCE
from workspace_exports.core.validation import parse
from workspace_exports.coverage.plans import PlanRequest
from workspace_exports.coverage.reports import RunStatus, read_report

AtOnce = Annotated[
    int, typer.Option("--at-once", metavar="N", min=1, max=MOST_AT_ONCE, help="Exports under way at a time.")
]


def run_archive(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    *,
    archive: Archive = None,
    kinds: Kinds = None,
    project: Project = None,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    at_once: AtOnce = EXPORTS_AT_ONCE,
    as_json: AsJson = False,
) -> None:
    """Export every missing day that the vendor still has, write the report and the coverage page.

    The days that are lost next come first. Ctrl-C and SIGTERM stop the run, and the next one resumes it. Exit code 1: a
    day failed, or is still under way.
    """
    session = session_of(context)
    request = plan_request(kinds, project, first_day, last_day)
    settings = session.settings(archive)
    workflow = ArchiveWorkflow(ExportWorkflow(settings), at_once)
    with RunDisplay(session.errors) as display:
        run = workflow.plan(request)
        display.planned(run)
        with closing(workflow.export(run)) as days:
            for day in days:
                display.ended(day)
        display.reporting()
        announcement = workflow.report(run)
    if as_json:
        report = read_report(settings.open_archive(), run.run) or announcement.report
        print_json(report.model_dump(mode="json", exclude_none=True))
    else:
        session.output.print(announcement.text, markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(ExitCode.WELL if announcement.status is RunStatus.COMPLETE else ExitCode.NOT_WELL)


def plan_request(kinds: str | None, project: str | None, first_day: str | None, last_day: str | None) -> PlanRequest:
    """Return the request for a plan.

    Raises:
        Rejected: a kind or a day is wrong.
    """
    document = {
        "kinds": kinds_of(kinds) or None,
        "project_id": project,
        "first_day": first_day,
        "last_day": last_day,
    }
    return parse(PlanRequest, {name: value for name, value in document.items() if value is not None})
