"""Record of an order, and the facts about other orders that placing one needs."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, Self

from pydantic import ConfigDict, Field

from workspace_exports.core.contract import Record, TaskId, UtcTime
from workspace_exports.events import PlacedExport

LONGEST_ORDER = timedelta(minutes=2)
"""Time from the beginning of an order within which its task is made; no invocation takes longer to order."""

LARGEST_SKEW = timedelta(minutes=15)
"""Largest difference of two clocks that write to one order log: the vendor refuses signatures of a worse clock."""


class OrderRecord(PlacedExport, Record):
    """Record of an order, written before the call to the vendor and again with its answer.

    Without `task_id` the answer is not known. Fields that a later version has added are kept, because a start that
    adopts an order writes its record again.

    Attributes:
        nonce: distinguishes equal orders of one second.
        adopted_at: the time at which a later start adopted the task.
        revoked_at: the time at which the task's file or empty day was revoked.
        repeated: True if the order was sent more than once, so that there may be a task that no record names.
    """

    model_config = ConfigDict(extra="allow")

    schema_version: int = Field(default=1, ge=1)
    nonce: str
    task_id: TaskId | None = None
    adopted_at: UtcTime | None = None
    revoked_at: UtcTime | None = None
    repeated: bool = False

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Return the record, with the fields that a later version has added.

        Raises:
            ValidationError: the content is no record of an order.
        """
        return cls.model_validate_json(content)

    @property
    def placed(self) -> dict[str, object]:
        """Fields of the ordered export, without those that the order log adds."""
        return self.model_dump(include=set(PlacedExport.model_fields))

    @property
    def is_settled(self) -> bool:
        """True if every task that the order can have made is known."""
        return self.task_id is not None and not self.repeated


@dataclass(frozen=True, slots=True)
class CompetingOrders:
    """Facts about the other orders in the same project around the same time.

    Attributes:
        task_ids: the tasks that belong to them.
        unsettled: True if an order of another export may have made a task that no record names.
    """

    task_ids: frozenset[str] = frozenset()
    unsettled: bool = False


class OrderLog(Protocol):
    """Part of the order log that the client needs while it orders."""

    def competing_orders(self) -> CompetingOrders:
        """Return the current facts about the other orders."""

    def mark_resent(self) -> None:
        """Record that the order is about to be sent again, although it may have made a task already.

        Raises:
            ArchiveUnavailable: the record cannot be written; the order must not be sent.
        """
