"""`plan`: the days that `run` would order, and those at risk or lost; nothing is ordered."""

from collections import Counter
from datetime import datetime, timedelta

import typer
from rich.console import Console

from workspace_exports.commands.command_settings import CommandSettings
from workspace_exports.commands.common_options import Archive, AsJson, FirstDay, Kinds, LastDay, Project
from workspace_exports.commands.run_command import plan_request
from workspace_exports.commands.session import session_of
from workspace_exports.commands.terminal import print_json
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.coverage.days import days_at_risk, gone_at
from workspace_exports.coverage.plan import preview_plan
from workspace_exports.coverage.reports import MissingDay
from workspace_exports.coverage.standing import Judgement
from workspace_exports.coverage.survey import survey
from workspace_exports.exports import find_export

_SHOWN = 20
"""Number of days that are shown by name; `--json` has all."""


def show_plan(  # noqa: PLR0913 - one parameter for each option
    context: typer.Context,
    *,
    archive: Archive = None,
    kinds: Kinds = None,
    project: Project = None,
    first_day: FirstDay = None,
    last_day: LastDay = None,
    as_json: AsJson = False,
) -> None:
    """Show the days that `run` would order, and those that are at risk or lost. Nothing is ordered or written."""
    session = session_of(context)
    request = plan_request(kinds, project, first_day, last_day)
    settings, now = session.settings(archive), utc_now()
    planned = [
        MissingDay(kind=series.kind, project_id=series.project_id, day=day)
        for series, day in preview_plan(request, settings, now)
    ]
    at_risk = [one for one in planned if _is_at_risk(one, settings, now)]
    lost = survey(settings.open_archive(), settings.series(), Judgement(now, settings.at_risk_days), 0).missing.lost
    if as_json:
        documents = {
            "planned": [_document(day) for day in planned],
            "at_risk": [_document(day) for day in at_risk],
            "lost": [_document(day) for day in lost],
        }
        print_json(documents)
    else:
        _print(session.output, planned, at_risk, lost)


def _is_at_risk(one: MissingDay, settings: CommandSettings, now: datetime) -> bool:
    window = find_export(one.kind).window
    return bool(days_at_risk([one.day], window, now, within=timedelta(days=settings.at_risk_days)))


def _document(one: MissingDay) -> dict[str, object]:
    gone = gone_at(one.day, find_export(one.kind).window)
    return {**one.model_dump(mode="json"), "gone_at": to_wire(gone)}


def _print(console: Console, planned: list[MissingDay], at_risk: list[MissingDay], lost: list[MissingDay]) -> None:
    def show(text: str) -> None:
        console.print(text, markup=False, highlight=False, soft_wrap=True)

    if not planned:
        show("Nothing is missing that the vendor still has.")
    for kind, count in sorted(Counter(one.kind for one in planned).items()):
        days = sorted(one.day for one in planned if one.kind == kind)
        show(f"{kind:<20} {count:>7,} days to order, {days[0]} to {days[-1]}")
    show(f"{len(planned):,} planned, {len(at_risk):,} of them at risk, {len(lost):,} lost")
    for title, named in (
        ("At risk: the vendor drops them soon", at_risk),
        ("Lost: the vendor no longer has them", lost),
    ):
        if named:
            show(f"\n{title}")
            for one in named[:_SHOWN]:
                show(f"  {one}")
            if len(named) > _SHOWN:
                show(f"  and {len(named) - _SHOWN:,} more; --json lists all")
