"""`export`: bring one export into the archive."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from workspace_exports.commands.common_options import Archive, AsJson, Filters, Kind, Project
from workspace_exports.commands.exits import ExitCode
from workspace_exports.commands.export_workflow import ExportWorkflow, Tell
from workspace_exports.commands.filter_values import read_filters
from workspace_exports.commands.session import session_of
from workspace_exports.commands.terminal import print_json
from workspace_exports.commands.worth import Worth, refuse_early, worth_of
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import Rejected
from workspace_exports.core.validation import parse
from workspace_exports.events import ArchivedExport, ExportRequest
from workspace_exports.exports import find_export

Day = Annotated[str | None, typer.Option("--day", metavar="DAY", help="A whole UTC day, such as 2026-11-20.")]
Start = Annotated[
    str | None, typer.Option("--from", metavar="TIME", help="Instead of a day, such as 2026-11-20T00:00:00Z.")
]
End = Annotated[str | None, typer.Option("--to", metavar="TIME", help="The end of that window.")]
Settled = Annotated[
    bool, typer.Option("--settled", help="Refuse, before anything is ordered, a day that does not count yet.")
]


def export_once(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    kind: Kind,
    *,
    day: Day = None,
    start: Start = None,
    end: End = None,
    filters: Filters = None,
    project: Project = None,
    archive: Archive = None,
    settled: Settled = False,
    as_json: AsJson = False,
) -> None:
    """Order one export, wait for it, and bring it into the archive, verified.

    Exit code 1: it is not in the archive, or the day does not count yet.
    """
    session = session_of(context)
    _check_window(kind, day, start, end)
    document = {
        "kind": kind,
        "project_id": project,
        "day": day,
        "start_time": start,
        "end_time": end,
        "filters": read_filters(kind, filters or []),
    }
    request = parse(ExportRequest, {name: value for name, value in document.items() if value is not None})
    if settled:
        refuse_early(request, utc_now())
    settings = session.settings(archive)
    with _showing(session.errors) as show:
        show(f"ordering {request.kind} {request.window}".removesuffix(" /"))
        archived = ExportWorkflow(settings, tell=show).run(request.model_dump(mode="json", exclude_none=True))
    worth = worth_of(archived)
    if as_json:
        print_json(archived.model_dump(mode="json", exclude_none=True))
    else:
        _print(session.output, archived, worth)
    raise typer.Exit(ExitCode.NOT_WELL if worth.is_early else ExitCode.WELL)


def _check_window(kind: str, day: str | None, start: str | None, end: str | None) -> None:
    """Raise for a window of the wrong sort, by the names of the options.

    Raises:
        Rejected: a snapshot has a window, or a kind with days has none.
    """
    given = [name for name, value in (("--day", day), ("--from", start), ("--to", end)) if value]
    has_days = find_export(kind).window.has_days
    if given and not has_days:
        raise Rejected(f"{kind} is a snapshot of now: it takes no {given[0]}", advice="Leave it out.")
    if not given and has_days:
        raise Rejected(f"{kind} needs a window: give --day, or --from and --to")


@contextmanager
def _showing(console: Console) -> Iterator[Tell]:
    """Show progress: one changing line on a terminal, a line each elsewhere."""
    if not console.is_terminal:
        yield lambda text: console.print(f"  {text}", markup=False, highlight=False, soft_wrap=True)
        return
    with console.status("starting") as status:
        yield lambda text: status.update(Text(text))


def _print(console: Console, export: ArchivedExport, worth: Worth) -> None:
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
