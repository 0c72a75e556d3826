"""Reference of the exports, written from their declarations."""

from datetime import date

from local.docs.markdown import table
from workspace_exports.client.regions import APPSTREAM_REGIONS
from workspace_exports.exports import EXPORTS, Export, Window
from workspace_exports.exports.actions import DOWNLOAD_FILE, LIST_TASKS, Action
from workspace_exports.exports.deliveries import TASK_FILE
from workspace_exports.exports.parameters import Parameter

_INTRODUCTION = f"""\
# Exports

`make docs` writes this page from `shared/workspace_exports/exports/declarations/`, and a test compares the two. Every
order is checked against these tables before it is sent to the vendor.

- Filters keep the vendor's names. JSON types count: `"1"` is not a number, and null is refused.
- A filter with its default value does not count as a filter: the export has the same place in the archive.
- A default of a mandatory parameter is ours and is sent. Any other default is the vendor's, and nothing is sent.
- "fuzzy" is the vendor's word for a partial match.
- The daily run exports a day once it has settled, of every kind with a window. Snapshots have no days and are not part
  of it.
- A day is 00:00:00Z to 23:59:59Z in events and manifests. The vendor is asked for a little more at its end, as each
  section shows: [what that brings twice](decisions/0101-end-of-a-day.md).
- "Action" is what the user's policy must allow to order the export, or to read the list. Every kind with a
  task needs `{LIST_TASKS}` and `{DOWNLOAD_FILE}` as well.
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
        f"Window: {export.window}{_settling(export)}. {_replaying(export)}.{_asking(export)}\n",
        _sharing(export),
        f"Action: {_action(export.action)}{_older(export)}.\n",
        table(("parameter", "mandatory", "takes", "default", "meaning"), rows),
        rules,
    )
    return "\n".join(part for part in parts if part)


def _settling(export: Export) -> str:
    hours = int(export.window.settles_after.total_seconds() / 3600)
    return f"; a day has settled {hours} hours after its end" if export.window.has_days else ""


def _asking(export: Export) -> str:
    if not export.window.has_days:
        return ""
    day = date(2026, 11, 20)
    bounds = (f"`{name}={at}`" for name, at in export.window.form.parameters(Window.of_day(day)).items())
    return f" {day} is asked for as {', '.join(bounds)}."


def _sharing(export: Export) -> str:
    """Return what sets the exports of another service apart; empty for the others."""
    if export.service == "workspace":
        return ""
    regions = ", ".join(f"`{region}`" for region in sorted(APPSTREAM_REGIONS))
    others = " and ".join(
        f"`{other.kind}`" for other in EXPORTS.values() if other.limit_class == export.limit_class and other != export
    )
    return (
        f"Host: `{export.service}` in {regions}, `workspace` elsewhere. The gateway counts its orders and those of "
        f"{others} together (`{export.limit_class}`).{'' if export.sure_to_be_listed else _UNLISTED}\n"
    )


_UNLISTED = (
    " No page of the vendor's says that the task appears in the task list. If it never does, each day of the kind ends "
    "as `TaskLost`."
)


def _replaying(export: Export) -> str:
    if export.delivery is not TASK_FILE:
        return str(export.delivery)
    return "An order may be repeated" if export.replayable else "A repeated order makes a second task"


def _action(action: Action) -> str:
    return f"`{action}`" if isinstance(action, str) else str(action)


def _older(export: Export) -> str:
    named = ", ".join(f"`{action}`" for action in export.older_actions)
    return f"; an older page of the vendor's names {named}: allow both" if named else ""


def _parameter_row(parameter: Parameter) -> tuple[str, ...]:
    default = f"`{parameter.default}`" if parameter.default else ""
    return (
        f"`{parameter.name}`",
        "yes" if parameter.mandatory else "",
        parameter.expected,
        default,
        parameter.meaning,
    )
