"""Finding our own order again after its answer was lost."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from workspace_exports.client.tasks import ExportTask
from workspace_exports.orders import LONGEST_ORDER, OtherOrders

CLOCK_GRAIN = timedelta(seconds=2)
"""HTTP dates have whole seconds; a task made in the second of its order must not look older than it."""


def task_made_by_order(tasks: Iterable[ExportTask], since: datetime, others: OtherOrders) -> ExportTask | None:
    """The task that an order sent at `since` can only have made, if there is exactly one.

    The list names neither kind nor window: only time and exclusion can tell. While another order is not settled, or
    with two candidates, the answer is none. To order once more costs a task; to adopt a stranger's would archive the
    wrong file under our window, for ever.

    Args:
        tasks: from the vendor's list.
        since: by the vendor's clock.
        others: what is known of the project's other orders.
    """
    if others.unsettled:
        return None
    first, last = since - CLOCK_GRAIN, since + LONGEST_ORDER + CLOCK_GRAIN
    young = [task for task in tasks if task.created_at is not None and first <= task.created_at <= last]
    ours = {task.task_id: task for task in young if task.task_id not in others.task_ids}
    return next(iter(ours.values())) if len(ours) == 1 else None
