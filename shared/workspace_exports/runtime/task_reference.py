"""Look-up of an export by its task's id: the order log has the rest."""

from workspace_exports.core.contract import Contract, TaskId
from workspace_exports.core.errors import TaskLost
from workspace_exports.core.validation import parse
from workspace_exports.events import ObservedExport
from workspace_exports.runtime.route import HttpCall
from workspace_exports.runtime.settings.storage import ArchiveSettings


class TaskReference(Contract):
    """Parameters of a path such as `/exports/{task_id}`."""

    task_id: TaskId


def load_export(call: HttpCall, settings: ArchiveSettings) -> ObservedExport:
    """Return the export that was ordered with that task, without a status.

    Raises:
        Rejected: the path does not hold a task's id.
        TaskLost: no order of this archive made such a task.
        ArchiveUnavailable: the order log cannot be read.
    """
    from workspace_exports.archive.order_log import find_order  # noqa: PLC0415 - a direct call brings all of it along

    task_id = parse(TaskReference, dict(call.path_parameters)).task_id
    order = find_order(settings.open_archive(), task_id)
    if order is None:
        raise TaskLost("No order of this archive made that task", task_id=task_id)
    return ObservedExport.model_validate(order.placed | {"task_id": task_id, "adopted_at": order.adopted_at})
