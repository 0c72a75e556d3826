"""Options that several commands have in common."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated

import typer

from workspace_exports.commands.command_settings import split_list
from workspace_exports.exports import EXPORTS, find_export


def complete_kind(incomplete: str) -> list[tuple[str, str]]:
    """Return the kinds that begin so, each with its contents."""
    return [(kind, export.meaning) for kind, export in EXPORTS.items() if kind.startswith(incomplete)]


def _complete_kinds(incomplete: str) -> Iterator[str]:
    """Yield completions of the last kind of a list such as `a,b`."""
    before, comma, last = incomplete.rpartition(",")
    return (f"{before}{comma}{kind}" for kind in EXPORTS if kind.startswith(last))


Archive = Annotated[
    str | None,
    typer.Option(
        "--archive", metavar="PLACE", help="A folder, file:///path or s3://bucket/prefix; by default ARCHIVE_URL."
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print one JSON document to standard output; all else goes to standard error.")
]
Kind = Annotated[
    str, typer.Argument(metavar="KIND", help="For example connection-records.", autocompletion=complete_kind)
]
Kinds = Annotated[
    str | None,
    typer.Option(
        "--kinds",
        metavar="KIND,...",
        help="Kinds, separated by commas; by default ARCHIVE_KINDS, or all.",
        autocompletion=_complete_kinds,
    ),
]
Project = Annotated[
    str | None,
    typer.Option("--project", metavar="ID", help="The vendor's project; by default HUAWEICLOUD_SDK_PROJECT_ID."),
]
FirstDay = Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day, in UTC, such as 2026-11-20.")]
LastDay = Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day.")]
Filters = Annotated[
    list[str] | None,
    typer.Option("--filter", metavar="NAME=VALUE", help="A filter of the vendor's; may be repeated."),
]


def kinds_of(text: str | None) -> list[str]:
    """Return the kinds in a list such as `a,b`; empty if there is none.

    Raises:
        Rejected: a kind is not known.
    """
    found = split_list(text or "")
    kinds = list(dict.fromkeys(found)) if isinstance(found, list) else []
    for kind in kinds:
        find_export(kind)
    return kinds


def configured_kinds(text: str | None, environment: Mapping[str, str]) -> list[str]:
    """Return the kinds in the list, else those that the settings name; empty for all.

    Raises:
        Rejected: a kind is not known.
    """
    return kinds_of(text or environment.get("ARCHIVE_KINDS"))


def day_of(text: str) -> date:
    """Return the day.

    Raises:
        BadParameter: the text is no day.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"must be a day such as 2026-11-20, not {text!r}") from None
