"""`kinds`: the catalogue of exports."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from workspace_exports.commands.common_options import AsJson, complete_kind
from workspace_exports.commands.session import session_of
from workspace_exports.commands.terminal import print_json
from workspace_exports.exports import EXPORTS, Export, find_export

OneKind = Annotated[
    str | None,
    typer.Argument(metavar="[KIND]", help="One kind, with its filters and permissions.", autocompletion=complete_kind),
]


def show_kinds(context: typer.Context, kind: OneKind = None, *, as_json: AsJson = False) -> None:
    """Show the kinds of exports, or the window, the filters and the permissions of one."""
    session = session_of(context)
    if as_json:
        print_json(_document(find_export(kind)) if kind else [_document(export) for export in EXPORTS.values()])
    elif kind:
        _print_kind(session.output, find_export(kind))
    else:
        _print_all(session.output)


def _document(export: Export) -> dict[str, object]:
    return {
        "kind": export.kind,
        "meaning": export.meaning,
        "has_days": export.window.has_days,
        "window": str(export.window),
        "permissions": [*export.delivery.actions, *([export.action] if isinstance(export.action, str) else [])],
        "filters": [
            {
                "name": parameter.name,
                "meaning": parameter.meaning,
                "mandatory": parameter.mandatory,
                "default": parameter.default,
                "expected": parameter.expected,
            }
            for parameter in export.parameters
        ],
    }


def _print_all(console: Console) -> None:
    table = Table(box=None, pad_edge=False)
    for heading in ("kind", "contents", "window"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "kind")
    for export in EXPORTS.values():
        table.add_row(export.kind, Text(export.meaning), Text(str(export.window)))
    console.print(table)


def _print_kind(console: Console, export: Export) -> None:
    for text in _lines(export):
        console.print(text, highlight=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("filter", "takes", "meaning"):
        table.add_column(heading, overflow="fold")
    for parameter in export.parameters:
        name = f"{parameter.name}{' (mandatory)' if parameter.mandatory else ''}"
        default = f"; default {parameter.default}" if parameter.default else ""
        table.add_row(Text(name), Text(f"{parameter.expected}{default}"), Text(parameter.meaning))
    if export.parameters:
        console.print()
        console.print(table)


def _lines(export: Export) -> Iterator[Text]:
    yield Text(f"{export.kind}: {export.meaning}", style="bold")
    yield Text(f"window       {export.window}")
    if export.window.has_days:
        yield Text(f"settles      {export.window.settles_after.total_seconds() / 3600:.0f} hours after the day's end")
    yield Text(f"permissions  {', '.join(export.delivery.actions) or 'for no task: a list is read'}")
    yield Text(f"to order it  {export.action}")
    for rule in export.dependencies:
        yield Text(f"rule         {rule}")
