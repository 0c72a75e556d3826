"""What is noted of an order, and what one order must know of the others."""

from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from workspace_exports.contracts.base import Contract, Day, ProjectId, TaskId, UtcTime


class OrderRecord(Contract):
    """Written before the vendor is asked, and again with its answer; without `task_id` the answer is not known."""

    schema_version: Literal[1] = 1
    kind: str
    project_id: ProjectId
    day: Day | None = None
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None
    filters: dict[str, JsonValue]
    began_at: UtcTime
    task_id: TaskId | None = None


@dataclass(frozen=True, slots=True)
class OtherOrders:
    """The orders of the same project around the same time.

    Attributes:
        task_ids: the tasks that belong to them.
        under_way: whether one of them may have made a task that it does not know of yet.
    """

    task_ids: frozenset[str] = frozenset()
    under_way: bool = False
