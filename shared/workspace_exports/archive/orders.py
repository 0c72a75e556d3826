"""The order book: every order is noted before the vendor hears of it, and again with the task it made.

The vendor's task list names neither kind nor window. After a lost answer, only the book can tell a task of ours from
one that another order is making at the same time.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Self

from pydantic import ValidationError

from workspace_exports.archive.keys import new_nonce, order_key, order_prefix, orders_prefix
from workspace_exports.archive.store import Store
from workspace_exports.clock import utc_now
from workspace_exports.contracts.events import ExportRequest
from workspace_exports.contracts.orders import OrderRecord, OtherOrders
from workspace_exports.errors import ArchiveUnavailable, Rejected, Throttled, Unauthorized
from workspace_exports.log import logger

LONGEST_ORDER = timedelta(minutes=2)
"""More than any invocation takes to order: an order that began earlier has made what it made before ours began."""


class Order:
    """One order in the book."""

    def __init__(self, store: Store, key: str, record: OrderRecord) -> None:
        self._store = store
        self._key = key
        self._record = record

    def made(self, task_id: str) -> None:
        """Notes the task. The order stands even if it cannot be noted."""
        self._record = self._record.model_copy(update={"task_id": task_id})
        try:
            self._note()
        except ArchiveUnavailable as error:
            logger.warning("order not noted", task_id=task_id, detail=str(error))

    def repeating(self) -> None:
        """Notes that a task may come of it that nobody will know of."""
        self._record = self._record.model_copy(update={"repeated": True})
        self._note()

    def _note(self) -> None:
        self._store.write(self._key, [_dump(self._record)])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Strikes the order out where the vendor refused it; after any other failure it may have made a task."""
        if isinstance(error, Rejected | Throttled | Unauthorized):
            self._strike_out()

    def _strike_out(self) -> None:
        try:
            self._store.delete(self._key)
        except ArchiveUnavailable as error:
            logger.warning("order not struck out", detail=str(error))

    def others(self) -> OtherOrders:
        """What the book says of the project's other orders right now; where it cannot be read, one may be unsettled."""
        try:
            records = [_parse(self._store.read(key)) for key in self._neighbours()]
        except ArchiveUnavailable as error:
            logger.warning("orders not read", detail=str(error))
            return OtherOrders(unsettled=True)
        return OtherOrders(
            task_ids=frozenset(record.task_id for record in records if record and record.task_id),
            unsettled=not all(record and record.is_settled for record in records),
        )

    def _neighbours(self) -> Iterator[str]:
        """Orders that began after ours, or so little before it that they may have made a task since."""
        since = self._record.began_at - LONGEST_ORDER
        for day in sorted({since.date(), self._record.began_at.date(), utc_now().date()}):
            prefix = orders_prefix(self._record.project_id, day)
            earliest = order_prefix(self._record.project_id, since) if day == since.date() else prefix
            yield from (key for key in self._store.keys(prefix) if key >= earliest and key != self._key)


def begin_order(store: Store, request: ExportRequest, project_id: str, now: datetime) -> Order:
    """Notes that the vendor is about to be asked.

    Raises:
        ArchiveUnavailable: it cannot be noted; nothing has been ordered.
    """
    record = OrderRecord(
        kind=request.kind,
        project_id=project_id,
        day=request.day,
        start_time=request.window.start,
        end_time=request.window.end,
        filters=request.filters,
        began_at=now,
    )
    key = order_key(project_id, request.kind, now, new_nonce())
    store.write(key, [_dump(record)])
    return Order(store, key, record)


def _dump(record: OrderRecord) -> bytes:
    return record.model_dump_json(indent=2, exclude_none=True).encode()


def _parse(content: bytes | None) -> OrderRecord | None:
    """None for a record that is gone or not understood: it may be anybody's."""
    try:
        return OrderRecord.model_validate_json(content or b"")
    except ValidationError:
        return None
