"""Supply of an export that is a list at the vendor: there is no task, and the list itself is read as a file."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from workspace_exports.client.download import KEPT_BACK_SECONDS
from workspace_exports.client.list_pages import PageReader
from workspace_exports.client.listed_file import ListedFile
from workspace_exports.client.requests import RequestSender
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.tasks import ExportTask
from workspace_exports.events import TaskStatus
from workspace_exports.exports import Export, Filters, Window
from workspace_exports.exports.deliveries import PagedList
from workspace_exports.orders import OrderLog

_MORE_ATTEMPTS = 2
_LONGER_WAITS = 6
"""Factors for the retries of a page: a limit of so many calls a minute is over after a minute, and there is time."""


class ListSupplier:
    """Supplier of an export that is a list. Its task is a name for one reading, and is done as soon as it is ordered.

    Args:
        sender: sends the project's requests.
        export: the declaration.
        listed: its delivery.
        window: both bounds.
        filters: the filters as requested.
    """

    def __init__(
        self, sender: RequestSender, export: Export, listed: PagedList, window: Window, filters: Filters
    ) -> None:
        attempts, longest_wait = sender.policy.attempts, sender.policy.longest_wait_seconds
        patient = RetryPolicy(attempts * _MORE_ATTEMPTS, longest_wait * _LONGER_WAITS)
        self._sender = sender.keeping_back(KEPT_BACK_SECONDS, patient)
        self._export = export
        self._listed = listed
        self._window = window
        self._filters = filters

    @property
    def project_id(self) -> str:
        """Id of the project, as given or as looked up."""
        return self._sender.project_id

    def create_export(self, _export: Export, _parameters: dict[str, object], _order_log: OrderLog) -> str:
        """Return a new name for a reading of the list; the vendor is not asked."""
        return f"list-{secrets.token_hex(16)}"

    def find_lost_order(self, _age: timedelta, _order_log: OrderLog) -> str | None:
        """Return None: an order without a record has made nothing."""
        return None

    def find_task(self, task_id: str) -> ExportTask | None:
        """Return a task that is done."""
        return ExportTask(task_id=task_id, status=TaskStatus.SUCCESS, file_name=f"{self._export.kind}.ndjson")

    @contextmanager
    def open_file(self, _task_id: str) -> Iterator[ListedFile]:
        """Open the list as a stream of lines."""
        reader = PageReader(self._sender, self._export, self._listed, self._filters)
        yield ListedFile(self._sender, reader, self._export, self._window)

    def delete_task(self, _task_id: str) -> None:
        """Do nothing: the vendor has no copy."""
