"""Choice of the supplier of an export's data, by its declaration: a task with a file, or a list."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from workspace_exports.client.config import ClientConfig
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.tasks import ExportTask
from workspace_exports.client.workspace import connect
from workspace_exports.core.deadline import Deadline
from workspace_exports.events import ExportRequest
from workspace_exports.exports import Export, find_export
from workspace_exports.exports.deliveries import PagedList

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workspace_exports.orders import OrderLog


class SuppliedFile(Protocol):
    """Stream of an export's bytes, and the facts known about it.

    Attributes:
        size_bytes: length in bytes; None if it is not known before the end.
        likely_bytes: length in bytes as far as it is known or estimated; None if nothing is known.
        is_framed: True if the end is marked, so that a stream that reaches it is whole.
        emptiness: a sentence on why there is nothing, where the vendor has said so; None if there are bytes.
        request_id: vendor's request id of the first answer.
        request_ids: vendor's request ids of the answers that have brought bytes so far.
    """

    @property
    def size_bytes(self) -> int | None: ...  # noqa: D102 - above
    @property
    def likely_bytes(self) -> int | None: ...  # noqa: D102
    @property
    def is_framed(self) -> bool: ...  # noqa: D102
    @property
    def emptiness(self) -> str | None: ...  # noqa: D102
    @property
    def request_id(self) -> str | None: ...  # noqa: D102
    @property
    def request_ids(self) -> tuple[str, ...]: ...  # noqa: D102
    def __iter__(self) -> "Iterator[bytes]":
        """Yield the bytes once, in chunks of any size."""


class Supplier(Protocol):
    """Supplier of the data of one export, by the steps of a task's life; its errors are `core.errors`."""

    @property
    def project_id(self) -> str:
        """Id of the project, as given or as looked up."""

    def create_export(self, export: Export, parameters: dict[str, object], order_log: "OrderLog") -> str:
        """Order the export and return its task id."""

    def find_lost_order(self, age: timedelta, order_log: "OrderLog") -> str | None:
        """Return the id of the task that an order without an answer made; None if it cannot be identified."""

    def find_task(self, task_id: str) -> ExportTask | None:
        """Return the task with its current status; None if the vendor does not know it."""

    def open_file(self, task_id: str) -> AbstractContextManager[SuppliedFile]:
        """Open the file of a finished task."""

    def delete_task(self, task_id: str) -> None:
        """Delete the vendor's copy of a file."""


def open_supplier(wanted: ExportRequest, config: ClientConfig, deadline: Deadline, policy: RetryPolicy) -> Supplier:
    """Return the supplier of an export's data, for one invocation."""
    export, client = find_export(wanted.kind), connect(config, deadline, policy)
    if isinstance(export.delivery, PagedList):
        from workspace_exports.client.list_supplier import ListSupplier  # noqa: PLC0415 - for one kind of many

        return ListSupplier(client.sender, export, export.delivery, wanted.window, wanted.filters)
    return client
