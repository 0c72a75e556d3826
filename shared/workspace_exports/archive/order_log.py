"""The order book: every order is noted before the vendor hears of it, and again with the task it made.

The vendor's task list names neither kind nor window, and keeps no order apart from another. Only the book can tell
what a task holds, whether a thing has been ordered before, and whose a task is that nobody has been told of.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Self

from pydantic import ValidationError

from workspace_exports.archive.layout import (
    last_order_key,
    new_nonce,
    order_key,
    order_prefix,
    orders_prefix,
    task_key,
)
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import ArchiveUnavailable, Rejected, Throttled, Unauthorized
from workspace_exports.core.log import logger
from workspace_exports.events import OrderedExport, PlacedExport
from workspace_exports.orders import LARGEST_SKEW, LONGEST_ORDER, OrderRecord, OtherOrders
from workspace_exports.storage.store import Store


class Order:
    """One order in the book."""

    def __init__(self, store: Store, record: OrderRecord) -> None:
        self._store = store
        self._record = record

    def made(self, task_id: str) -> None:
        """Notes the task. The order stands even if it cannot be noted."""
        self._record = self._record.model_copy(update={"task_id": task_id})
        for key in (task_key(task_id), last_order_key(self._record), order_key(self._record)):
            self._note_if_possible(key)

    def adopted(self, task_id: str, at: datetime, correlation_id: str | None) -> None:
        """Notes that a later start has taken the task over, for those who ask by the task's id."""
        taken_over = {"task_id": task_id, "adopted_at": at, "correlation_id": correlation_id}
        self._record = self._record.model_copy(update=taken_over)
        self._note_if_possible(task_key(task_id))

    def repeating(self) -> None:
        """Notes that a task may come of it that nobody will know of."""
        self._record = self._record.model_copy(update={"repeated": True})
        self.begin()

    def begin(self) -> None:
        """Notes that the vendor is about to be asked.

        Raises:
            ArchiveUnavailable: it cannot be noted; the order must not be sent.
        """
        self._note(order_key(self._record))
        self._note(last_order_key(self._record))

    def _note(self, key: str) -> None:
        self._store.replace(key, self._record.model_dump_json(indent=2, exclude_none=True).encode())

    def _note_if_possible(self, key: str) -> None:
        try:
            self._note(key)
        except ArchiveUnavailable as error:
            logger.warning("order not noted", task_id=self._record.task_id, detail=str(error))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Strikes the order out where the vendor refused it; after any other failure it may have made a task."""
        if isinstance(error, Rejected | Throttled | Unauthorized):
            self._strike_out()

    def _strike_out(self) -> None:
        try:
            self._store.delete(order_key(self._record))
            last = last_order(self._store, self._record)
            if last and last.nonce == self._record.nonce:
                self._store.delete(last_order_key(self._record))
        except ArchiveUnavailable as error:
            logger.warning("order not struck out", detail=str(error))

    def others(self) -> OtherOrders:
        """What the book says right now of the project's other orders.

        A task that is noted for another order is that order's, an equal one's too: a start that orders has passed over
        what was noted of the same thing, since it had failed, expired or was given up or taken back. An equal order
        without a task is no reason to adopt nothing: what it has made is as good as our own. Where the book cannot be
        read, an order may be unsettled; so it may where a listing does not know our own order yet, or is none at all.
        """
        try:
            keys = list(self._neighbours())
            records = [_parse(self._store.read(key)) for key in keys]
        except ArchiveUnavailable as error:
            logger.warning("orders not read", detail=str(error))
            return OtherOrders(unsettled=True)
        own_key = order_key(self._record)
        others = [record for key, record in zip(keys, records, strict=True) if key != own_key]
        unlike = [record for record in others if not (record and is_same_thing(record, self._record))]
        return OtherOrders(
            task_ids=frozenset(record.task_id for record in others if record and record.task_id),
            unsettled=own_key not in keys or not all(record and record.is_settled for record in unlike),
        )

    def _neighbours(self) -> Iterator[str]:
        """Orders that may have made a task since ours began: later ones, or a little earlier, by whichever clock."""
        began_at = self._record.ordered_at
        since = began_at - LONGEST_ORDER - LARGEST_SKEW
        for day in sorted({since.date(), began_at.date(), utc_now().date()}):
            prefix = orders_prefix(self._record.project_id, day)
            earliest = order_prefix(self._record.project_id, since) if day == since.date() else prefix
            yield from (key for key in self._store.keys(prefix) if key >= earliest)


def begin_order(store: Store, export: PlacedExport) -> Order:
    """Notes that the vendor is about to be asked.

    Raises:
        ArchiveUnavailable: it cannot be noted; nothing has been ordered.
    """
    order = Order(store, OrderRecord(**export.model_dump(), nonce=new_nonce()))
    order.begin()
    return order


def is_same_thing(one: PlacedExport, other: PlacedExport) -> bool:
    """Whether both ask for the same, whenever they do."""
    return last_order_key(one) == last_order_key(other)


def last_order(store: Store, export: PlacedExport) -> OrderRecord | None:
    """The last order of the same thing, whenever it was; None if there is none, or none that can be read.

    Raises:
        ArchiveUnavailable: the book cannot be read.
    """
    return read_order_under(store, last_order_key(export))


def read_order_under(store: Store, key: str) -> OrderRecord | None:
    """The same, of an order whose key is known.

    Raises:
        ArchiveUnavailable: the book cannot be read.
    """
    return _parse(store.read(key))


def order_of(store: Store, task_id: str) -> OrderRecord | None:
    """The order that made the task; None if this archive's book does not name it.

    Raises:
        ArchiveUnavailable: the book cannot be read.
    """
    return read_order_under(store, task_key(task_id))


def remember_task(store: Store, export: OrderedExport) -> None:
    """Lets the export be found by its task, even if the note of its order is gone."""
    record = OrderRecord(**export.model_dump(include=set(PlacedExport.model_fields)), nonce=new_nonce())
    Order(store, record).adopted(export.task_id, utc_now(), export.correlation_id)


def release_task(store: Store, export: OrderedExport, at: datetime) -> None:
    """Note that what the task brought was taken back: no start takes it over any more, and no fetch lands it again.

    Raises:
        ArchiveUnavailable: it cannot be noted.
    """
    placed = export.model_dump(include=set(PlacedExport.model_fields))
    order = order_of(store, export.task_id) or OrderRecord(**placed, nonce=new_nonce(), task_id=export.task_id)
    order = order.model_copy(update={"revoked_at": at})
    store.replace(task_key(export.task_id), order.model_dump_json(indent=2, exclude_none=True).encode())
    last = last_order(store, export)
    if last and last.task_id == export.task_id:
        store.delete(last_order_key(export))


def release_window(store: Store, export: OrderedExport) -> None:
    """Lets the next order of the same thing make a task of its own: nothing will come of this one."""
    try:
        last = last_order(store, export)
        if last and last.task_id == export.task_id:
            store.delete(last_order_key(export))
    except ArchiveUnavailable as error:
        logger.warning("order not given up", task_id=export.task_id, detail=str(error))


def _parse(content: bytes | None) -> OrderRecord | None:
    """None for a record that is gone or not understood: it may be anybody's."""
    try:
        return OrderRecord.read(content or b"")
    except ValidationError:
        return None
