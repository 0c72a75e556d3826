"""What is noted of an order, and what one order must know of the others."""

from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import JsonValue

from workspace_exports.contracts.base import Contract, Day, ProjectId, TaskId, UtcTime


class OrderRecord(Contract):
    """Written before the vendor is asked, and again with its answer; without `task_id` the answer is not known.

    `repeated` says that it was sent more than once, so that there may be a task which nobody knows of.
    """

    schema_version: Literal[1] = 1
    kind: str
    project_id: ProjectId
    day: Day | None = None
    start_time: UtcTime | None = None
    end_time: UtcTime | None = None
    filters: dict[str, JsonValue]
    began_at: UtcTime
    task_id: TaskId | None = None
    repeated: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether every task it can have made is known."""
        return self.task_id is not None and not self.repeated


@dataclass(frozen=True, slots=True)
class OtherOrders:
    """The orders of the same project around the same time.

    Attributes:
        task_ids: the tasks that belong to them.
        unsettled: whether one of them may have made a task that nobody knows of.
    """

    task_ids: frozenset[str] = frozenset()
    unsettled: bool = False


class OrderNotes(Protocol):
    """What the client needs of the order book while it orders."""

    def others(self) -> OtherOrders:
        """The other orders right now."""

    def repeating(self) -> None:
        """Notes that the order is about to be sent once more, though a task may have come of it already.

        Raises:
            ArchiveUnavailable: it cannot be noted; the order must not be sent.
        """
