"""Changes to the records of an order, as time or a crash makes them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from workspace_exports.archive.layout import last_order_key, order_key, task_key
from workspace_exports.orders import OrderRecord
from workspace_exports.storage.store import Store


def rewrite(store: Store, ordered: dict[str, Any], change: Callable[[OrderRecord], OrderRecord]) -> None:
    """Changes what the book says of an order, everywhere it says it."""
    record = OrderRecord.model_validate_json(store.read(task_key(ordered["task_id"])) or b"")
    changed = change(record).model_dump_json(exclude_none=True).encode()
    store.delete(order_key(record))
    for key in (order_key(change(record)), last_order_key(change(record)), task_key(ordered["task_id"])):
        store.write(key, [changed])


def aged(hours: float) -> Callable[[OrderRecord], OrderRecord]:
    return lambda record: record.model_copy(update={"ordered_at": record.ordered_at - timedelta(hours=hours)})


def unanswered(record: OrderRecord) -> OrderRecord:
    """As a function leaves it that dies before it has noted the answer."""
    return record.model_copy(update={"task_id": None})
