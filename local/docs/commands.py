"""Sections of the program's commands, written from what it declares."""

from typing import Any

from typer.main import get_command

from local.docs.markdown import table
from workspace_exports.commands.program import COMMANDS, build


def command_sections() -> str:
    """Return one section for each command: its help, and a table of its options."""
    declared: Any = get_command(build())
    return "\n".join(_section(entry.name, declared.commands[entry.name]) for entry in COMMANDS)


def _section(name: str, command: Any) -> str:  # noqa: ANN401 - of a library that keeps its types to itself
    arguments = [one.metavar.strip("[]") for one in command.params if not _is_option(one)]
    rows = (_row(one) for one in command.params)
    return f"### {' '.join([name, *arguments])}\n\n{command.help.strip()}\n\n{table(('option', 'meaning'), rows)}"


def _row(parameter: Any) -> tuple[str, ...]:  # noqa: ANN401 - as above
    named = f"{parameter.opts[0]} {parameter.metavar or ''}".strip() if _is_option(parameter) else parameter.metavar
    is_number = isinstance(parameter.default, int | float) and parameter.metavar
    default = f" (default {parameter.default:g})" if is_number else ""
    required = " **Required.**" if parameter.required else ""
    return f"`{named}`".replace("|", "\\|"), f"{parameter.help}{default}{required}"


def _is_option(parameter: Any) -> bool:  # noqa: ANN401 - as above
    return str(parameter.opts[0]).startswith("-")
