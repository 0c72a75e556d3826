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
from workspace_exports.commands.exits import CODES, ExitCode, code_of
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


AUDIT = "Check an archive"
COMMANDS = (Entry("verify", verify_archive, AUDIT),)


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
        with _stopped_by_sigterm():
            build()(arguments, prog_name=NAME)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else ExitCode.WELL
        if code == ExitCode.INTERRUPTED:
            errors.print("Interrupted. The archive is whole; the same command starts again where it can.")
        return code
    except ExportError as error:
        errors.print(f"{type(error).__name__}: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
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


def _begin(
    context: typer.Context,
    *,
    verbose: Annotated[bool, typer.Option("--verbose", help="Write the log to standard error, as JSON lines.")] = False,
    _: Annotated[bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_version)] = False,
) -> None:
    context.with_resource(log_shown(verbose=verbose))
    context.obj = Session(with_profile(os.environ, Path.home()), open_console(), open_console(stderr=True))


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    """End the command at SIGTERM as at SIGINT."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
