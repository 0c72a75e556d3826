"""Exit codes of all commands."""

from enum import IntEnum

from workspace_exports.core.errors import ArchiveUnavailable, ExportError, Misconfigured, Rejected


class ExitCode(IntEnum):
    """Result of a command for its caller.

    Attributes:
        WELL: all that was asked for is there and intact.
        NOT_WELL: something that was asked for is missing, failed or not intact; the output names it.
        NOT_ASKED: the command or the configuration is wrong, or the archive cannot be asked.
        INTERRUPTED: a signal ended the command.
    """

    WELL = 0
    NOT_WELL = 1
    NOT_ASKED = 2
    INTERRUPTED = 130


CODES = (
    "Exit codes: 0 all well; 1 something is missing, failed or not intact; "
    "2 wrong usage or configuration, or no archive to ask; 130 interrupted."
)


def code_of(error: ExportError) -> ExitCode:
    """Return the code for an error that ends a command; a request that only comes too early is not a wrong one."""
    is_early = error.retry_after_seconds is not None
    if isinstance(error, Rejected | Misconfigured | ArchiveUnavailable) and not is_early:
        return ExitCode.NOT_ASKED
    return ExitCode.NOT_WELL


def text_of(error: ExportError) -> str:
    """Return the error for a terminal: advice that is meant for a function on Lambda is replaced."""
    if isinstance(error, Misconfigured) and error.next_step == Misconfigured.advice:
        error.next_step = "Set it in the environment or in workspace-exports.toml; workspace-exports doctor checks it."
    return f"{type(error).__name__}: {error}"
