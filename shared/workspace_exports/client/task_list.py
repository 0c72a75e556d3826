"""Task list of the vendor, the only source of a task's status."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import MAXYEAR, datetime

import httpx

from workspace_exports.client.answers import Answer
from workspace_exports.client.requests import RequestSender
from workspace_exports.client.retry import http_date
from workspace_exports.client.tasks import ExportTask, read_task
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import UnexpectedAnswer, VendorUnavailable, about
from workspace_exports.core.redaction import sanitize

_PAGE = 100
_PAGES = 20
_NEWEST_FIRST = {"sort_field": "create_time", "sort_type": "DESC", "limit": str(_PAGE)}

Item = dict[str, object]


class TaskList:
    """Export tasks of one project, newest first."""

    def __init__(self, caller: RequestSender) -> None:
        self._caller = caller

    def find(self, task_id: str) -> ExportTask | None:
        """Return the task, or None if the vendor's list does not hold it.

        Downloaded tasks are in a list of their own (`is_download` is documented to default to false). The vendor does
        not document whether its filter by id is exact. So both lists are read, page by page, and the id is compared
        here.

        Raises:
            UnexpectedAnswer: the task has a status word that this version does not know.
            Unauthorized, Throttled, VendorUnavailable: as the vendor answers.
        """
        for is_download in ("false", "true"):
            for item, headers in self._pages({"task_id": task_id, "is_download": is_download}):
                if item.get("task_id") == task_id:
                    with about(task_id=task_id, vendor_request_id=sanitize(headers.get("x-request-id"))):
                        return read_task(item)
        return None

    def newest(self) -> tuple[list[ExportTask], datetime]:
        """Return the newest tasks that have not been downloaded, and the time by the vendor's clock.

        A task that this version does not understand is skipped. A status check of our own task goes by its id instead.
        """
        items, headers = self._page({})
        return list(_understood(items)), _vendors_now(headers)

    def _pages(self, query: dict[str, str]) -> Iterator[tuple[Item, httpx.Headers]]:
        for page in range(_PAGES):
            items, headers = self._page(query | {"offset": str(page * _PAGE)})
            yield from ((item, headers) for item in items)
            if len(items) < _PAGE:
                return

    def _page(self, query: dict[str, str]) -> tuple[list[Item], httpx.Headers]:
        path = f"/v2/{self._caller.project_id}/export-tasks"
        request = self._caller.request("GET", path, query=(query | _NEWEST_FIRST).items())
        items, headers = self._caller.ask(request, "list the vendor's tasks", _items, "holds no export_tasks")
        return items, headers


def _items(answer: Answer) -> list[Item] | None:
    items = answer.document.get("export_tasks") if isinstance(answer.document, dict) else None
    if not isinstance(items, list):
        return None
    tasks = [item for item in items if isinstance(item, dict) and isinstance(item.get("task_id"), str)]
    # If no item is a task, the list is garbage. Read as an empty list, it would make our task a lost one.
    return tasks if tasks or not items else None


def _vendors_now(headers: Mapping[str, str]) -> datetime:
    """Return the answer's Date, or the time by our own clock if that date is missing or too late to calculate with."""
    now = http_date(headers.get("date", ""))
    return now if now and now.year < MAXYEAR else utc_now()


def _understood(items: list[Item]) -> Iterator[ExportTask]:
    for item in items:
        with suppress(UnexpectedAnswer, VendorUnavailable):
            yield read_task(item)
