"""The client module the handlers share: the vendor's operations, over httpx."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http import HTTPStatus
from time import monotonic
from typing import Any

import httpx

from workspace_exports.clock import utc_now
from workspace_exports.deadline import Deadline
from workspace_exports.errors import ExportError, FileExpired, Final, TaskLost, UnexpectedAnswer
from workspace_exports.exports import Export
from workspace_exports.log import logger
from workspace_exports.vendor.adoption import task_made_by
from workspace_exports.vendor.calls import Attempt, Caller
from workspace_exports.vendor.connections import connection
from workspace_exports.vendor.credentials import AccessKey
from workspace_exports.vendor.download import Download
from workspace_exports.vendor.retry import RetryPolicy, http_date
from workspace_exports.vendor.signing import encode_query
from workspace_exports.vendor.tasks import ExportTask, read_task

_PAGE = 100
_PAGES = 20
_NEWEST_FIRST = {"sort_field": "create_time", "sort_type": "DESC"}


def _nobody(_: str) -> bool:
    return False


class WorkspaceClient:
    """One project of one region, for one invocation.

    Methods raise the errors of `workspace_exports.errors` and nothing else. Reads are repeated within the time the
    invocation has; orders are not, once they may have arrived.
    """

    def __init__(self, caller: Caller, project_id: str) -> None:
        self._caller = caller
        self._project_id = project_id

    def create_export(
        self, export: Export, parameters: dict[str, object], is_taken: Callable[[str], bool] = _nobody
    ) -> str:
        """Orders an export and returns its task id.

        The vendor has no idempotency key, and GET creates as POST does: when an answer is lost, its task list is
        asked first, and the task the lost order made is adopted; only when there is none is a new one ordered.

        Args:
            export: what to order.
            parameters: by the vendor's names.
            is_taken: whether a task is known to belong to another order.
        """
        request, doing, began = self._order(export, parameters), "order the export", monotonic()
        number = 0
        while True:
            number, attempt = number + 1, self._caller.attempt(request)
            task_id = _task_id(attempt)
            if task_id is None and attempt.may_have_been_done:
                task_id = self._find_lost_order(began, is_taken)
            if task_id is not None:
                return task_id
            if attempt.succeeded:
                raise UnexpectedAnswer("The vendor accepted the export and named no task, nor does its list show one")
            if not self._caller.wait(number, attempt, doing):
                raise self._caller.failed(attempt, doing)

    def find_task(self, task_id: str) -> ExportTask | None:
        """The task as the list shows it, or None.

        Downloaded tasks are in a list of their own (`is_download` is documented to default to false), and whether
        the filter by id is exact is not documented: both lists are asked, page by page, and the id is matched here.
        """
        for is_download in ("false", "true"):
            for item in self._list({"task_id": task_id, "is_download": is_download}):
                if item.get("task_id") == task_id:
                    return read_task(item)
        return None

    @contextmanager
    def open_file(self, task_id: str) -> Iterator[Download]:
        """The file of a finished task, as a stream of its bytes on the wire."""
        request = self._request("GET", f"/v2/{self._project_id}/export-tasks/{task_id}/download")
        request.headers["Accept-Encoding"] = "identity"
        try:
            response = self._caller.repeat(request, "download the file", stream=True)
        except ExportError as error:
            raise _about_the_file(error) from None
        try:
            yield Download(response)
        finally:
            response.close()

    def delete_task(self, task_id: str) -> None:
        """Removes a task and its file from the vendor's list; that it is gone already is no error."""
        body = json.dumps({"task_ids": [task_id]})
        path = f"/v2/{self._project_id}/export-tasks/batch-delete"
        request = self._request("POST", path, body=body, content_type="application/json;charset=utf-8")
        self._caller.repeat(request, "delete the task")

    def _find_lost_order(self, began: float, is_taken: Callable[[str], bool]) -> str | None:
        """The task that an order without an answer has made; it may take a moment to be listed."""
        for look in range(1, self._caller.policy.attempts + 1):
            answer, now = self._page(_NEWEST_FIRST | {"limit": str(_PAGE)})
            since = now - timedelta(seconds=monotonic() - began)
            task = task_made_by((read_task(item) for item in answer), since, is_taken)
            if task is not None:
                logger.info("adopted the task of an order whose answer was lost", task_id=task.task_id)
                return task.task_id
            if look == self._caller.policy.attempts or not self._caller.pause(float(look)):
                break
        return None

    def _list(self, query: dict[str, str]) -> Iterator[dict[str, object]]:
        for page in range(_PAGES):
            items, _ = self._page(query | _NEWEST_FIRST | {"limit": str(_PAGE), "offset": str(page * _PAGE)})
            yield from items
            if len(items) < _PAGE:
                return

    def _page(self, query: dict[str, str]) -> tuple[list[dict[str, object]], datetime]:
        """The items, and the time by the vendor's clock."""
        request = self._request("GET", f"/v2/{self._project_id}/export-tasks", query=query)
        response = self._caller.repeat(request, "look at the vendor's tasks")
        items = _json_object(response).get("export_tasks")
        if not isinstance(items, list):
            raise UnexpectedAnswer("The vendor's task list holds no export_tasks")
        now = http_date(response.headers.get("date", "")) or utc_now()
        return [item for item in items if isinstance(item, dict)], now

    def _order(self, export: Export, parameters: dict[str, object]) -> httpx.Request:
        path = export.path.format(project_id=self._project_id)
        if export.method == "GET":
            return self._request("GET", path, query={name: str(value) for name, value in parameters.items()})
        return self._request("POST", path, body=json.dumps(parameters), content_type=export.content_type)

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: str | None = None,
        content_type: str = "application/json",
    ) -> httpx.Request:
        target = f"{path}?{encode_query(query.items())}" if query else path
        headers = {"Content-Type": content_type, "X-Project-Id": self._project_id}
        return self._caller.http.build_request(method, target, headers=headers, content=body)


def connect(endpoint: str, project_id: str, key: AccessKey, deadline: Deadline, policy: RetryPolicy) -> WorkspaceClient:
    """A client for one project and one invocation, over connections that outlive it."""
    return WorkspaceClient(Caller(connection(endpoint, key), deadline, policy), project_id)


def _task_id(attempt: Attempt) -> str | None:
    if attempt.response is None or not attempt.response.is_success:
        return None
    try:
        answer = attempt.response.json()
    except ValueError:
        return None
    task_id = answer.get("task_id") if isinstance(answer, dict) else None
    return task_id if isinstance(task_id, str) and task_id else None


def _json_object(response: httpx.Response) -> dict[str, object]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise UnexpectedAnswer("The vendor's answer is not a JSON object")
    return answer


def _about_the_file(error: ExportError) -> ExportError:
    """Neither the status nor the code for a task or file that is gone is documented: the words decide."""
    facts: dict[str, Any] = {
        "vendor_status": error.vendor_status,
        "vendor_code": error.vendor_code,
        "vendor_reason": error.vendor_reason,
        "vendor_request_id": error.vendor_request_id,
    }
    if isinstance(error, Final) and "expire" in (error.vendor_reason or "").lower():
        return FileExpired("The file is gone from the vendor", **facts)
    if error.vendor_status == HTTPStatus.NOT_FOUND:
        return TaskLost("The vendor has no file for the task", **facts)
    return error
