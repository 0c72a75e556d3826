"""Order log: every order is recorded before it is sent to the vendor, and again with the task that it made.

The vendor's task list names neither kind nor window, and does not distinguish orders. Only the log shows the content of
a task and the earlier orders of an export. Only the log can also identify the task of an order whose answer was lost.
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
from workspace_exports.orders import LARGEST_SKEW, LONGEST_ORDER, CompetingOrders, OrderRecord
from workspace_exports.storage.store import Store


class LoggedOrder:
    """Order that is recorded in the log."""

    def __init__(self, store: Store, record: OrderRecord) -> None:
        self._store = store
        self._record = record

    def record_task(self, task_id: str) -> None:
        """Record the order's task. The order stands even if the task cannot be recorded."""
        self._record = self._record.model_copy(update={"task_id": task_id})
        for key in (task_key(task_id), last_order_key(self._record), order_key(self._record)):
            self._note_if_possible(key)

    def record_adoption(self, task_id: str, at: datetime, correlation_id: str | None) -> None:
        """Record that a later start has adopted the task, for callers that look up the order by the task's id."""
        taken_over = {"task_id": task_id, "adopted_at": at, "correlation_id": correlation_id}
        self._record = self._record.model_copy(update=taken_over)
        self._note_if_possible(task_key(task_id))

    def mark_resent(self) -> None:
        """Record that the order may have made an unknown task, before it is sent once more.

        Raises:
            ArchiveUnavailable: it cannot be recorded; the order must not be sent.
        """
        self._record = self._record.model_copy(update={"repeated": True})
        self.begin()

    def begin(self) -> None:
        """Record that the order is about to be sent to the vendor.

        Raises:
            ArchiveUnavailable: it cannot be recorded; the order must not be sent.
        """
        self._note(order_key(self._record))
        self._note(last_order_key(self._record))

    def _note(self, key: str) -> None:
        self._store.replace(key, self._record.model_dump_json(indent=2, exclude_none=True).encode())

    def _note_if_possible(self, key: str) -> None:
        try:
            self._note(key)
        except ArchiveUnavailable as error:
            logger.warning("order not recorded", task_id=self._record.task_id, detail=str(error))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Delete the order's record if the vendor rejected it. After any other failure it may have made a task."""
        if isinstance(error, Rejected | Throttled | Unauthorized):
            self._strike_out()

    def _strike_out(self) -> None:
        try:
            self._store.delete(order_key(self._record))
            last = last_order(self._store, self._record)
            if last and last.nonce == self._record.nonce:
                self._store.delete(last_order_key(self._record))
        except ArchiveUnavailable as error:
            logger.warning("order not removed", detail=str(error))

    def competing_orders(self) -> CompetingOrders:
        """Return the project's other orders, as the log shows them right now.

        A task that is recorded for another order belongs to that order, even if the order asks for the same export. A
        start orders only after it has passed over the recorded task of the same export, which had failed, expired, or
        was given up or revoked. An order of the same export without a task does not prevent an adoption: its task would
        be as good as our own. If the log cannot be read, an order may be unsettled. The same holds if the listing does
        not have our own order yet, or is empty.
        """
        try:
            keys = list(self._neighbours())
            records = [_parse(self._store.read(key)) for key in keys]
        except ArchiveUnavailable as error:
            logger.warning("orders not read", detail=str(error))
            return CompetingOrders(unsettled=True)
        own_key = order_key(self._record)
        others = [record for key, record in zip(keys, records, strict=True) if key != own_key]
        unlike = [record for record in others if not (record and is_same_export(record, self._record))]
        return CompetingOrders(
            task_ids=frozenset(record.task_id for record in others if record and record.task_id),
            unsettled=own_key not in keys or not all(record and record.is_settled for record in unlike),
        )

    def _neighbours(self) -> Iterator[str]:
        """Yield the keys of orders that may have made a task since ours began: ours, later and slightly earlier ones.

        The margin allows for the duration of an order and for clocks that differ.
        """
        began_at = self._record.ordered_at
        since = began_at - LONGEST_ORDER - LARGEST_SKEW
        for day in sorted({since.date(), began_at.date(), utc_now().date()}):
            prefix = orders_prefix(self._record.project_id, day)
            earliest = order_prefix(self._record.project_id, since) if day == since.date() else prefix
            yield from (key for key in self._store.keys(prefix) if key >= earliest)


def begin_order(store: Store, export: PlacedExport) -> LoggedOrder:
    """Record a new order that is about to be sent to the vendor, and return it.

    Raises:
        ArchiveUnavailable: it cannot be recorded; nothing has been ordered.
    """
    order = LoggedOrder(store, OrderRecord(**export.model_dump(), nonce=new_nonce()))
    order.begin()
    return order


def is_same_export(one: PlacedExport, other: PlacedExport) -> bool:
    """Return whether both ask for the same export, at any times of ordering."""
    return last_order_key(one) == last_order_key(other)


def last_order(store: Store, export: PlacedExport) -> OrderRecord | None:
    """Return the last order of the same export, of any time; None if there is none, or it is not understood.

    Raises:
        ArchiveUnavailable: the log cannot be read.
    """
    return read_order(store, last_order_key(export))


def read_order(store: Store, key: str) -> OrderRecord | None:
    """Return the order under that key; None if there is none, or it is not understood.

    Raises:
        ArchiveUnavailable: the log cannot be read.
    """
    return _parse(store.read(key))


def find_order(store: Store, task_id: str) -> OrderRecord | None:
    """Return the order that made the task; None if this archive's log does not name it.

    Raises:
        ArchiveUnavailable: the log cannot be read.
    """
    return read_order(store, task_key(task_id))


def record_task_of(store: Store, export: OrderedExport) -> None:
    """Record the export under its task, so that it is found even if the record of its order is gone."""
    record = OrderRecord(**export.model_dump(include=set(PlacedExport.model_fields)), nonce=new_nonce())
    LoggedOrder(store, record).record_adoption(export.task_id, utc_now(), export.correlation_id)


def release_task(store: Store, export: OrderedExport, at: datetime) -> None:
    """Record that the task's export was revoked: no start adopts the task any more, and no fetch lands it again.

    Raises:
        ArchiveUnavailable: it cannot be recorded.
    """
    placed = export.model_dump(include=set(PlacedExport.model_fields))
    order = find_order(store, export.task_id) or OrderRecord(**placed, nonce=new_nonce(), task_id=export.task_id)
    order = order.model_copy(update={"revoked_at": at})
    store.replace(task_key(export.task_id), order.model_dump_json(indent=2, exclude_none=True).encode())
    _forget_last_order(store, export)


def release_window(store: Store, export: OrderedExport) -> None:
    """Let the next order of the same export make a new task, since this task will bring nothing."""
    try:
        _forget_last_order(store, export)
    except ArchiveUnavailable as error:
        logger.warning("window not released", task_id=export.task_id, detail=str(error))


def _forget_last_order(store: Store, export: OrderedExport) -> None:
    """Delete the record of the last order of this export if it made this task; a later order's stays."""
    last = last_order(store, export)
    if last and last.task_id == export.task_id:
        store.delete(last_order_key(export))


def _parse(content: bytes | None) -> OrderRecord | None:
    """Return the order; None for a record that is gone or not understood, which may be of any order."""
    try:
        return OrderRecord.read(content or b"")
    except ValidationError:
        return None
