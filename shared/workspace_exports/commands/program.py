"""Program `workspace-exports`: its commands, its common options, and the end of every command."""

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from workspace_exports.client.connections import close_connections
from workspace_exports.client.credentials.profile import with_profile
from workspace_exports.commands.configuration import applied, find_file, read_file
from workspace_exports.commands.coverage_command import show_ledger
from workspace_exports.commands.doctor_command import check_setup
from workspace_exports.commands.exits import CODES, ExitCode, code_of, text_of
from workspace_exports.commands.export_command import export_once
from workspace_exports.commands.init_command import write_configuration
from workspace_exports.commands.kinds_command import show_kinds
from workspace_exports.commands.plan_command import show_plan
from workspace_exports.commands.policy_command import print_policy
from workspace_exports.commands.prune_command import prune_archive
from workspace_exports.commands.revoke_command import revoke_day
from workspace_exports.commands.run_command import run_archive
from workspace_exports.commands.session import Session, log_shown
from workspace_exports.commands.terminal import open_console
from workspace_exports.commands.verify_command import verify_archive
from workspace_exports.core.errors import ExportError

NAME = "workspace-exports"


@dataclass(frozen=True, slots=True)
class Entry:
    """Command of the program.

    Attributes:
        name: the word on the command line.
        function: the command; its docstring is the help.
        panel: the heading in the program's help.
        aliases: further names, which the help leaves out.
    """

    name: str
    function: Callable[..., None]
    panel: str
    aliases: tuple[str, ...] = ()


FILL = "Fill an archive"
LOOK_AFTER = "Look after an archive"
SET_UP = "Set up"
COMMANDS = (
    Entry("run", run_archive, FILL),
    Entry("export", export_once, FILL),
    Entry("plan", show_plan, FILL),
    Entry("coverage", show_ledger, LOOK_AFTER),
    Entry("verify", verify_archive, LOOK_AFTER),
    Entry("prune", prune_archive, LOOK_AFTER, aliases=("sweep",)),
    Entry("revoke", revoke_day, LOOK_AFTER),
    Entry("init", write_configuration, SET_UP),
    Entry("doctor", check_setup, SET_UP),
    Entry("kinds", show_kinds, SET_UP),
    Entry("policy", print_policy, SET_UP),
)


def build() -> typer.Typer:
    """Return the program with all its commands."""
    program = typer.Typer(
        name=NAME,
        help="Archive the exports of Huawei Cloud Workspace, and look after the archive.",
        epilog=CODES,
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    program.callback()(_begin)
    for entry in COMMANDS:
        program.command(entry.name, rich_help_panel=entry.panel)(entry.function)
        for alias in entry.aliases:
            program.command(alias, hidden=True)(entry.function)
    return program


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, and return its exit code. An error that a user can cause is shown as a text."""
    errors = open_console(stderr=True)
    try:
        with _stopped_by_signals():
            build()(arguments, prog_name=NAME)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else ExitCode.WELL
        if code == ExitCode.INTERRUPTED:
            errors.print("Interrupted. The archive is whole. Start the command again to resume.")
        return code
    except ExportError as error:
        errors.print(text_of(error), style="red", markup=False, highlight=False, soft_wrap=True)
        return code_of(error)
    except OSError as error:
        told = f"{error.filename}: {error.strerror}" if error.filename else error
        errors.print(f"{told}", style="red", markup=False, highlight=False, soft_wrap=True)
        return ExitCode.NOT_ASKED
    finally:
        close_connections()
    return ExitCode.WELL


def _version(asked: bool) -> None:  # noqa: FBT001 - as typer calls it
    if asked:
        try:
            typer.echo(f"{NAME} {version(NAME)}")
        except PackageNotFoundError:
            typer.echo(f"{NAME}, from a checkout")
        raise typer.Exit


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings; by default WORKSPACE_EXPORTS_CONFIG, or workspace-exports.toml in this folder.",
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Write the log to standard error, as JSON lines.")]
Version = Annotated[bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_version)]


def _begin(
    context: typer.Context, *, config: Config = None, verbose: Verbose = False, _version: Version = False
) -> None:
    file = find_file(os.environ, config)
    context.with_resource(applied(read_file(file) if file else {}))
    context.with_resource(log_shown(verbose=verbose))
    context.obj = Session(with_profile(os.environ, Path.home()), open_console(), open_console(stderr=True))


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """End the command at the first SIGINT or SIGTERM as soon as its work is safe, at the second one at once."""
    told: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        if told:
            os._exit(ExitCode.INTERRUPTED)
        told.append(number)
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
