"""What is noted of an order, and what one order must know of the others."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, Self

from pydantic import ConfigDict, Field

from workspace_exports.core.contract import Record, TaskId, UtcTime
from workspace_exports.events import PlacedExport

LONGEST_ORDER = timedelta(minutes=2)
"""More than any invocation takes to order: what an order makes is made within that time of its beginning."""

LARGEST_SKEW = timedelta(minutes=15)
"""Between two clocks that write to one book: one that is further off signs nothing that the vendor takes."""


class OrderRecord(PlacedExport, Record):
    """Written before the vendor is asked, and again with its answer; without `task_id` the answer is not known.

    Fields that a later version has added are kept, since whoever takes an order over writes it anew.

    Attributes:
        nonce: tells apart equal orders of one second.
        adopted_at: when a later start took the task over.
        revoked_at: when what its task brought was taken back.
        repeated: it was sent more than once, so that there may be a task which nobody knows of.
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
        """The record, with what a later version has added.

        Raises:
            ValidationError: it is none.
        """
        return cls.model_validate_json(content)

    @property
    def placed(self) -> dict[str, object]:
        """The export it orders, without what the book adds."""
        return self.model_dump(include=set(PlacedExport.model_fields))

    @property
    def is_settled(self) -> bool:
        """Whether every task it can have made is known."""
        return self.task_id is not None and not self.repeated


@dataclass(frozen=True, slots=True)
class OtherOrders:
    """The other orders in the same project around the same time.

    Attributes:
        task_ids: the tasks that belong to them.
        unsettled: whether an order of another thing may have made a task that nobody knows of.
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
