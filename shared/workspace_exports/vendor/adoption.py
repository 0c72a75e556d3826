"""Finding our own order again after its answer was lost."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from workspace_exports.vendor.tasks import ExportTask

CLOCK_GRAIN = timedelta(seconds=2)
"""HTTP dates have whole seconds; a task made in the second of its order must not look older than it."""


def task_made_by(tasks: Iterable[ExportTask], since: datetime, is_taken: Callable[[str], bool]) -> ExportTask | None:
    """The task that an order sent at `since` can only have made, if there is exactly one.

    The list names neither kind nor window, so that only time and exclusion can tell. Two candidates are none: to
    order once more costs a task, to adopt a stranger's task would archive the wrong file under our window.

    Args:
        tasks: from the vendor's list.
        since: by the vendor's clock.
        is_taken: whether a task is known to belong to another order.
    """
    young = [task for task in tasks if task.created_at is not None and task.created_at >= since - CLOCK_GRAIN]
    ours = [task for task in young if not is_taken(task.task_id)]
    return ours[0] if len(ours) == 1 else None
