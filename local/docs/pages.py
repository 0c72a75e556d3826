"""All pages that are written from the code."""

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from local.docs import decisions
from local.docs.commands import command_sections
from local.docs.deployment import parameters_table
from local.docs.errors import errors_tables
from local.docs.exports import kinds_table, reference
from local.docs.markdown import ROOT, filled
from local.docs.settings import settings_tables
from local.openapi import DOCUMENT, describe


def _openapi() -> str:
    return json.dumps(describe(), indent=2) + "\n"


def _part(page: Path, name: str, write: Callable[[], str]) -> dict[Path, Callable[[], str]]:
    return {page: lambda: filled(page, name, write())}


PAGES: Final[Mapping[Path, Callable[[], str]]] = {
    ROOT / "docs" / "exports.md": reference,
    DOCUMENT: _openapi,
    decisions.DECISIONS / "README.md": decisions.index,
    **_part(ROOT / "README.md", "kinds", partial(kinds_table, "docs/exports.md#")),
    **_part(ROOT / "docs" / "deploy.md", "parameters", parameters_table),
    **_part(ROOT / "docs" / "commands.md", "commands", command_sections),
    **_part(ROOT / "docs" / "settings.md", "settings", settings_tables),
    **_part(ROOT / "docs" / "errors.md", "errors", errors_tables),
}
"""By file, what returns its text. A part of a page stands between marks; the text around it is written by hand."""
