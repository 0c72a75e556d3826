"""`make docs`: what there is to read about exports, HTTP API, parameters and decisions, written from its sources."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.main import get_command

from local.cloudformation import read_template
from local.openapi import DOCUMENT, describe
from workspace_exports.commands.program import COMMANDS, build
from workspace_exports.exports import EXPORTS, Export
from workspace_exports.exports.actions import DOWNLOAD_FILE, LIST_TASKS, Action
from workspace_exports.exports.parameters import Parameter

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "exports.md"
README = ROOT / "README.md"
DEPLOYING = ROOT / "docs" / "deploy.md"
COMMAND_LINE = ROOT / "docs" / "commands.md"
DECISIONS = ROOT / "docs" / "decisions"
INDEX = DECISIONS / "README.md"

GROUPS = {
    "client": "The vendor over HTTP",
    "archive": "Records, checks and planning",
    "workflow": "State machines, functions and runs",
    "aws": "Resources, permissions and alarms",
    "package": "The deployed package and its speed",
    "tools": "Engine, tests and set-up",
    "house": "The library and its rules",
}

_INTRODUCTION = f"""\
# Exports

Written by `make docs` from `shared/workspace_exports/exports/declarations/`; a test keeps it true. Every order is
checked against these tables before the vendor hears of it.

- Filters keep the vendor's names. JSON types count: `"1"` is not a number, and null is refused.
- A filter that says what leaving it out says (the default) is no filter: the export has the same place in the archive.
- A default in a mandatory parameter is ours and is sent; any other one is the vendor's, and nothing is sent.
- "fuzzy" is the vendor's word for a match in part.
- The daily run asks for a day once it has settled. Snapshots have no days and are not part of it.
- "Action" is what the user's policy must allow to order the export. Every kind needs `{LIST_TASKS}`
  and `{DOWNLOAD_FILE}` as well.
"""


def reference() -> str:
    """The page on every kind and parameter."""
    return "\n".join([_INTRODUCTION, kinds_table("#"), *(_section(export) for export in EXPORTS.values())])


def readme() -> str:
    """The README, its table of kinds brought up to date."""
    return _filled(README, "kinds", kinds_table("docs/exports.md#"))


def deploying() -> str:
    """The page on deploying, its table of the template's parameters brought up to date."""
    parameters = read_template(ROOT / "template.yaml")["Parameters"]
    rows = (_deployment_row(name, declared) for name, declared in parameters.items())
    return _filled(DEPLOYING, "parameters", _table(("parameter", "default", "meaning"), rows))


def command_line() -> str:
    """The page on the program, its commands and their options brought up to date."""
    declared: Any = get_command(build())
    sections = (_command_section(entry.name, declared.commands[entry.name]) for entry in COMMANDS)
    return _filled(COMMAND_LINE, "commands", "\n".join(sections))


def _command_section(name: str, command: Any) -> str:  # noqa: ANN401 - of a library that keeps its types to itself
    arguments = [one.metavar.strip("[]") for one in command.params if not one.opts[0].startswith("-")]
    rows = (_option_row(one) for one in command.params)
    title = " ".join([name, *arguments])
    return f"### {title}\n\n{command.help.strip()}\n\n{_table(('option', 'meaning'), rows)}"


def _option_row(option: Any) -> tuple[str, ...]:  # noqa: ANN401 - as above
    is_option = option.opts[0].startswith("-")
    named = f"{option.opts[0]} {option.metavar or ''}".strip() if is_option else option.metavar
    default = f" (default {option.default:g})" if isinstance(option.default, int | float) and option.metavar else ""
    return f"`{named}`".replace("|", "\\|"), f"{option.help}{default}{' **To be given.**' if option.required else ''}"


def openapi() -> str:
    """The HTTP API's description, as it is committed."""
    return json.dumps(describe(), indent=2) + "\n"


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
    """All decisions, by number."""
    return [_decision(file) for file in sorted(DECISIONS.glob("[0-9]*.md"))]


def _decision(file: Path) -> Decision:
    text = file.read_text(encoding="utf-8")
    facts = dict(re.findall(r"^(Date|Status|Group): (.+)$", text, re.MULTILINE))
    title = text.partition("\n")[0].removeprefix("# ")
    return Decision(file, title, facts["Date"], facts["Status"], facts["Group"])


def decisions() -> str:
    """The index of the decisions, a table for each group."""
    found = read_decisions()
    sections = (
        f"## {group}\n\n{meaning}.\n\n" + _table(_DECISION_HEAD, (_decision_row(d) for d in found if d.group == group))
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


def kinds_table(link: str) -> str:
    """One line for each kind; `link` and the kind make the address of its section."""
    rows = ((f"[`{kind}`]({link}{kind})", export.meaning, str(export.window)) for kind, export in EXPORTS.items())
    return _table(("kind", "what is in it", "window"), rows)


def _section(export: Export) -> str:
    rows = (_parameter_row(parameter) for parameter in export.parameters)
    rules = "".join(f"- {rule}\n" for rule in export.dependencies)
    parts = (
        f"## {export.kind}\n\n{export.meaning.capitalize()}. `{export.operation}`: `{export.method} {export.path}`\n",
        f"Window: {export.window}{_settling(export)}. {_replaying(export)}.\n",
        f"Action: {_action(export.action)}.\n",
        _table(("parameter", "mandatory", "takes", "default", "meaning"), rows),
        rules,
    )
    return "\n".join(part for part in parts if part)


def _settling(export: Export) -> str:
    hours = int(export.window.settles_after.total_seconds() / 3600)
    return f"; a day has settled {hours} hours after its end" if export.window.has_days else ""


def _replaying(export: Export) -> str:
    return "An order may be repeated" if export.replayable else "An order repeated makes a second task"


def _action(action: Action) -> str:
    return f"`{action}`" if isinstance(action, str) else str(action)


def _parameter_row(parameter: Parameter) -> tuple[str, ...]:
    default = f"`{parameter.default}`" if parameter.default else ""
    return (
        f"`{parameter.name}`",
        "yes" if parameter.mandatory else "",
        parameter.expected,
        default,
        parameter.meaning,
    )


def _deployment_row(name: str, declared: dict[str, Any]) -> tuple[str, ...]:
    if "Default" not in declared:
        return f"`{name}`", "**to be given**", declared["Description"]
    return f"`{name}`", f"`{declared['Default']}`" if declared["Default"] != "" else "", declared["Description"]


def _filled(page: Path, name: str, text: str) -> str:
    """The page with ``text`` between the marks of ``name``."""
    start, end = f"<!-- {name}, by make docs -->\n", f"<!-- end of {name} -->\n"
    before, _, rest = page.read_text(encoding="utf-8").partition(start)
    _, _, after = rest.partition(end)
    return f"{before}{start}{text}{end}{after}"


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


if __name__ == "__main__":
    REFERENCE.write_text(reference(), encoding="utf-8")
    README.write_text(readme(), encoding="utf-8")
    DEPLOYING.write_text(deploying(), encoding="utf-8")
    COMMAND_LINE.write_text(command_line(), encoding="utf-8")
    DOCUMENT.write_text(openapi(), encoding="utf-8")
    INDEX.write_text(decisions(), encoding="utf-8")
