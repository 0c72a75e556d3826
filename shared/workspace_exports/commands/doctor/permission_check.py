"""Check that is not possible: only an order shows that an export may be ordered."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from workspace_exports.commands.doctor.check_results import CheckResult, unknown
from workspace_exports.commands.doctor.situation import Situation
from workspace_exports.exports import Export
from workspace_exports.exports.actions import DECODE_REFUSALS, DELETE_TASKS, DOWNLOAD_FILE, LIST_TASKS, Action, NoAction


def check_permissions(situation: Situation) -> CheckResult:
    """Return the permissions to grant, as far as the vendor names them, without an order."""
    return unknown(
        "not checked: an order would be made; what to grant the user:",
        *(f"{purpose}: {action}" for purpose, action in _grants(situation)),
    )


def _grants(situation: Situation) -> Iterator[tuple[str, str]]:
    yield "to follow the tasks, as the credentials check does", LIST_TASKS
    yield "to fetch the files", DOWNLOAD_FILE
    if situation.settings.delete_after_landing:
        yield "to remove what has landed, as DELETE_AFTER_LANDING asks", DELETE_TASKS
    for actions, kinds in _kinds_by_actions(situation.exports):
        yield f"to order {', '.join(kinds)}", _worded(*actions)
    yield "to be told which permission is missing, which nothing else needs", DECODE_REFUSALS


_Actions = tuple[Action, tuple[str, ...]]


def _kinds_by_actions(exports: Sequence[Export]) -> list[tuple[_Actions, list[str]]]:
    """Return the actions first, then the kinds without one, by the reason."""
    kinds: dict[_Actions, list[str]] = defaultdict(list)
    for export in exports:
        kinds[export.action, export.older_actions].append(export.kind)
    return sorted(kinds.items(), key=lambda item: isinstance(item[0][0], NoAction))


def _worded(action: Action, older: tuple[str, ...]) -> str:
    return f"{action}; an older page names {', '.join(older)}" if older else str(action)
