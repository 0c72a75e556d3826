"""`doctor`: check a set-up before anything is ordered."""

from dataclasses import asdict

import typer

from workspace_exports.commands.common_options import Archive, AsJson, Kinds, configured_kinds
from workspace_exports.commands.doctor.doctor_display import show
from workspace_exports.commands.doctor.examination import examine
from workspace_exports.commands.doctor.situation import Situation
from workspace_exports.commands.exits import ExitCode
from workspace_exports.commands.session import ARCHIVE_URL, session_of
from workspace_exports.commands.terminal import print_json
from workspace_exports.exports import EXPORTS


def check_setup(
    context: typer.Context, *, archive: Archive = None, kinds: Kinds = None, as_json: AsJson = False
) -> None:
    """Check settings, endpoint, clock, credentials and archive, and name the remedy for each fault.

    It orders nothing, and removes the small object that it writes. Exit code 1: a check failed.
    """
    session = session_of(context)
    environment = session.environment_for(archive)
    wanted = configured_kinds(kinds, environment) or list(EXPORTS)
    situation = Situation(environment, [EXPORTS[kind] for kind in wanted], environment.get(ARCHIVE_URL, ""))
    if as_json:
        results = [{"check": check.name, **asdict(result)} for check, result in examine(situation)]
        print_json({"checks": results})
        failures = sum(result["status"] == "failed" for result in results)
    else:
        failures = show(session.output, examine(situation))
    raise typer.Exit(ExitCode.NOT_WELL if failures else ExitCode.WELL)
