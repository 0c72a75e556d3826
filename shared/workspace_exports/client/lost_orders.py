"""Search for the task of our own order after its answer was lost."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from workspace_exports.client.tasks import ExportTask
from workspace_exports.orders import LONGEST_ORDER, CompetingOrders

CLOCK_GRAIN = timedelta(seconds=2)
"""Tolerance for HTTP dates, which have whole seconds.

A task made in the second of its order must not look older than the order.
"""


def task_made_by_order(tasks: Iterable[ExportTask], since: datetime, others: CompetingOrders) -> ExportTask | None:
    """Return the only task that an order sent at `since` can have made, or None.

    The list names neither kind nor window, so only time and exclusion identify the task. The result is None while
    another order is not settled, or if there are two candidates. A second order costs one task. To adopt another
    client's task would archive the wrong file under our window forever.

    Args:
        tasks: from the vendor's list.
        since: time of the order by the vendor's clock.
        others: known facts about the project's other orders.
    """
    if others.unsettled:
        return None
    first, last = since - CLOCK_GRAIN, since + LONGEST_ORDER + CLOCK_GRAIN
    young = [task for task in tasks if task.created_at is not None and first <= task.created_at <= last]
    ours = {task.task_id: task for task in young if task.task_id not in others.task_ids}
    return next(iter(ours.values())) if len(ours) == 1 else None
