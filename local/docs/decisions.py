"""Index of the decisions, written from the first lines of their files."""

import re
from dataclasses import dataclass
from pathlib import Path

from local.docs.markdown import ROOT, table

DECISIONS = ROOT / "docs" / "decisions"

GROUPS = {
    "client": "The vendor over HTTP",
    "archive": "Records, checks and planning",
    "workflow": "State machines, functions and runs",
    "aws": "Resources, permissions and alarms",
    "package": "The deployed package and its speed",
    "tools": "Engine, tests and set-up",
    "house": "The library and its rules",
}


@dataclass(frozen=True)
class Decision:
    """A decision, as its file's first lines describe it."""

    file: Path
    title: str
    date: str
    status: str
    group: str

    @property
    def number(self) -> str:
        """The number that its file's name begins with."""
        return self.file.name[:4]


def read_decisions() -> list[Decision]:
    """Return all decisions, by number."""
    return [_decision(file) for file in sorted(DECISIONS.glob("[0-9]*.md"))]


def _decision(file: Path) -> Decision:
    text = file.read_text(encoding="utf-8")
    facts = dict(re.findall(r"^(Date|Status|Group): (.+)$", text, re.MULTILINE))
    title = text.partition("\n")[0].removeprefix("# ")
    return Decision(file, title, facts["Date"], facts["Status"], facts["Group"])


def index() -> str:
    """Return the index of the decisions, a table for each group."""
    found = read_decisions()
    sections = (
        f"## {group}\n\n{meaning}.\n\n" + table(_DECISION_HEAD, (_decision_row(d) for d in found if d.group == group))
        for group, meaning in GROUPS.items()
    )
    return "\n".join([_INDEX_INTRODUCTION, *sections])


_DECISION_HEAD = ("number", "decision", "date", "status")

_INDEX_INTRODUCTION = """\
# Decisions

Written by `make docs` from the files in this folder; do not edit. [Contributing](../contributing.md) says how to add
one.
"""


def _decision_row(decision: Decision) -> tuple[str, ...]:
    return decision.number, f"[{decision.title}]({decision.file.name})", decision.date, decision.status
