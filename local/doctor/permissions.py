"""The check that cannot be made: whether an export may be ordered is known only by ordering it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from local.doctor.findings import Finding, unknown
from local.doctor.situation import Situation
from workspace_exports.exports import Export
from workspace_exports.exports.actions import DECODE_REFUSALS, DELETE_TASKS, DOWNLOAD_FILE, LIST_TASKS, Action, NoAction


def check_permissions(situation: Situation) -> Finding:
    """What to grant, as far as the vendor says; nothing is ordered to find out."""
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
    """Actions first, then the kinds that have none, by the reason why."""
    kinds: dict[_Actions, list[str]] = defaultdict(list)
    for export in exports:
        kinds[export.action, export.older_actions].append(export.kind)
    return sorted(kinds.items(), key=lambda item: isinstance(item[0][0], NoAction))


def _worded(action: Action, older: tuple[str, ...]) -> str:
    return f"{action}; an older page names {', '.join(older)}" if older else str(action)
