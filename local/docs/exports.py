"""Reference of the exports, written from their declarations."""

from local.docs.markdown import table
from workspace_exports.exports import EXPORTS, Export
from workspace_exports.exports.actions import DOWNLOAD_FILE, LIST_TASKS, Action
from workspace_exports.exports.parameters import Parameter

_INTRODUCTION = f"""\
# Exports

`make docs` writes this page from `shared/workspace_exports/exports/declarations/`, and a test compares the two. Every
order is checked against these tables before it is sent to the vendor.

- Filters keep the vendor's names. JSON types count: `"1"` is not a number, and null is refused.
- A filter with its default value does not count as a filter: the export has the same place in the archive.
- A default of a mandatory parameter is ours and is sent. Any other default is the vendor's, and nothing is sent.
- "fuzzy" is the vendor's word for a partial match.
- The daily run exports a day once it has settled. Snapshots have no days and are not part of it.
- "Action" is what the user's policy must allow to order the export. Every kind needs `{LIST_TASKS}`
  and `{DOWNLOAD_FILE}` as well.
"""


def reference() -> str:
    """Return the page on every kind and parameter."""
    return "\n".join([_INTRODUCTION, kinds_table("#"), *(_section(export) for export in EXPORTS.values())])


def kinds_table(link: str) -> str:
    """Return one line for each kind; `link` and the kind make the address of its section."""
    rows = ((f"[`{kind}`]({link}{kind})", export.meaning, str(export.window)) for kind, export in EXPORTS.items())
    return table(("kind", "content", "window"), rows)


def _section(export: Export) -> str:
    rows = (_parameter_row(parameter) for parameter in export.parameters)
    rules = "".join(f"- {rule}\n" for rule in export.dependencies)
    parts = (
        f"## {export.kind}\n\n{export.meaning.capitalize()}. `{export.operation}`: `{export.method} {export.path}`\n",
        f"Window: {export.window}{_settling(export)}. {_replaying(export)}.\n",
        f"Action: {_action(export.action)}.\n",
        table(("parameter", "mandatory", "takes", "default", "meaning"), rows),
        rules,
    )
    return "\n".join(part for part in parts if part)


def _settling(export: Export) -> str:
    hours = int(export.window.settles_after.total_seconds() / 3600)
    return f"; a day has settled {hours} hours after its end" if export.window.has_days else ""


def _replaying(export: Export) -> str:
    return "An order may be repeated" if export.replayable else "A repeated order makes a second task"


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
