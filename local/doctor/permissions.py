"""The check that cannot be made: whether an export may be ordered is known only by ordering it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from local.doctor.findings import Finding, unknown
from local.doctor.situation import Situation
from workspace_exports.exports import Export
from workspace_exports.exports.actions import DELETE_TASKS, DOWNLOAD_FILE, LIST_TASKS, Action, NoAction


def check_permissions(situation: Situation) -> Finding:
    """What to grant, as far as the vendor says; nothing is ordered to find out."""
    grants = [(LIST_TASKS, "to follow the tasks, every kind"), (DOWNLOAD_FILE, "to fetch the files, every kind")]
    if situation.settings.delete_after_landing:
        grants.append((DELETE_TASKS, "to remove what has landed, as DELETE_AFTER_LANDING says"))
    return unknown(
        "not checked: an order would be made; grant the user",
        *(f"{action}  {purpose}" for action, purpose in grants),
        *_to_order(situation.exports),
    )


def _to_order(exports: Sequence[Export]) -> Iterator[str]:
    """Actions first, then the kinds that have none, by the reason why."""
    kinds: dict[Action, list[str]] = defaultdict(list)
    for export in exports:
        kinds[export.action].append(export.kind)
    for action in sorted(kinds, key=lambda action: isinstance(action, NoAction)):
        yield f"{action}  to order {', '.join(kinds[action])}"
