"""The client module the handlers share: the vendor's operations, over httpx."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING

import httpx

from workspace_exports.client.answers import Answer
from workspace_exports.client.config import ClientConfig
from workspace_exports.client.connections import connection
from workspace_exports.client.requests import Attempt, RequestSender
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.task_list import TaskList
from workspace_exports.client.tasks import ExportTask
from workspace_exports.core.contract import NAME
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import (
    ArchiveUnavailable,
    ExportError,
    Rejected,
    Throttled,
    Unauthorized,
    VendorUnavailable,
)
from workspace_exports.core.log import logger
from workspace_exports.exports import Export


def query_pairs(parameters: Mapping[str, object]) -> list[tuple[str, str]]:
    """A list as its name repeated, booleans as true and false, as the vendor's own client sends them."""
    return [(name, _word(value)) for name, values in parameters.items() for value in _each(values)]


def _each(values: object) -> Iterator[object]:
    yield from values if isinstance(values, list) else [values]


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


if TYPE_CHECKING:
    from workspace_exports.client.download import Download
    from workspace_exports.orders import OrderNotes

_ORDERING = "order the export"


@dataclass(slots=True)
class _Order:
    """One order on its way: how often it was sent, and whether any of these may have arrived."""

    request: httpx.Request
    began: float
    times_sent: int = 0
    may_have_been_received: bool = False


class WorkspaceClient:
    """One project of one region, for one invocation.

    Methods raise the errors of `workspace_exports.core.errors` and nothing else. Reads are repeated within the time the
    invocation has; orders are not, once they may have arrived.
    """

    def __init__(self, caller: RequestSender) -> None:
        self._caller = caller
        self._tasks = TaskList(caller)

    @property
    def project_id(self) -> str:
        """The project, as given or as looked up."""
        return self._caller.project_id

    def create_export(self, export: Export, parameters: dict[str, object], notes: "OrderNotes") -> str:
        """Orders an export and returns its task id.

        The vendor has no idempotency key, and GET creates as POST does: when an answer is lost, its task list is
        asked first, and the task the lost order made is adopted; only when there is none is a new one ordered.

        Args:
            export: what to order.
            parameters: by the vendor's names.
            notes: tells of the project's other orders, and keeps in mind what becomes of this one.
        """
        order = _Order(self._order(export, parameters), monotonic())
        while True:
            try:
                task_id = self._send(order, notes)
            except ExportError as error:
                told = _unsure(error) if order.may_have_been_received else error
                raise told from (None if told is error else error)
            if task_id is not None:
                return task_id

    def _send(self, order: _Order, notes: "OrderNotes") -> str | None:
        """Sends the order; None if it is to be sent again."""
        order.times_sent += 1
        attempt = self._caller.attempt(order.request)
        try:
            return attempt.read(_ORDERING, _task_id, "names no task")
        except ExportError as error:
            return self._recover(order, attempt, error, notes)

    def _recover(self, order: _Order, attempt: Attempt, error: ExportError, notes: "OrderNotes") -> str | None:
        """The task that the order has made although its answer does not say so; None if it is to be sent again."""
        if attempt.may_have_been_done(error):
            order.may_have_been_received = True
            if task_id := self.find_lost_order(timedelta(seconds=monotonic() - order.began), notes):
                return task_id
        if not self._caller.wait(order.times_sent, error, _ORDERING):
            raise error
        if order.may_have_been_received:
            notes.repeating()
        return None

    def find_lost_order(self, age: timedelta, notes: "OrderNotes") -> str | None:
        """The task that an order without an answer has made, if it can be told; it may take a moment to be listed.

        Args:
            age: how long ago the order began.
            notes: the order's.
        """
        from workspace_exports.client.lost_orders import task_made_by_order  # noqa: PLC0415 - of one call in thousands

        began = monotonic() - age.total_seconds()
        for look in range(1, self._caller.policy.attempts + 1):
            tasks, now = self._tasks.newest()
            task = task_made_by_order(tasks, now - timedelta(seconds=monotonic() - began), notes.others())
            if task is not None:
                logger.info("adopted the task of an order whose answer was lost", task_id=task.task_id)
                return task.task_id
            if look < self._caller.policy.attempts and not self._caller.pause(float(look)):
                break
        return None

    def find_task(self, task_id: str) -> ExportTask | None:
        """The task as the vendor's list shows it, or None.

        Raises:
            UnexpectedAnswer: with `task_id` where it is the task that is not understood.
            Unauthorized, Throttled, VendorUnavailable: as the vendor answers.
        """
        return self._tasks.find(task_id)

    @contextmanager
    def open_file(self, task_id: str) -> "Iterator[Download]":
        """The file of a finished task, as a stream of its bytes on the wire."""
        from workspace_exports.client.download import Download  # noqa: PLC0415 - one function of three has files

        with closing(Download(self._caller, task_id)) as download:
            yield download

    def delete_task(self, task_id: str) -> None:
        """Removes a task and its file from the vendor's list; that it is gone already is no error."""
        body = json.dumps({"task_ids": [task_id]})
        path = f"/v2/{self._caller.project_id}/export-tasks/batch-delete"
        request = self._caller.request("POST", path, body=body, content_type="application/json;charset=utf-8")
        self._caller.ask(request, "delete the task", _acknowledged, "acknowledges nothing")

    def _order(self, export: Export, parameters: dict[str, object]) -> httpx.Request:
        path, carried = export.path_for(self._caller.project_id, parameters), export.carried(parameters)
        if export.method == "GET":
            return self._caller.request("GET", path, query=query_pairs(carried))
        return self._caller.request("POST", path, body=json.dumps(carried), content_type=export.content_type)


def connect(sign_in: ClientConfig, deadline: Deadline, policy: RetryPolicy) -> WorkspaceClient:
    """A client for one project and one invocation, over connections that outlive it."""
    connected = connection(sign_in)
    return WorkspaceClient(RequestSender(connected.http, connected.project_id, deadline, policy))


def _task_id(answer: Answer) -> str | None:
    """The id in a success; None for anything that could not be a path segment and a key of ours."""
    task_id = answer.document.get("task_id") if isinstance(answer.document, dict) else None
    return task_id if isinstance(task_id, str) and re.fullmatch(NAME, task_id) else None


def _acknowledged(answer: Answer) -> bool | None:
    if answer.complaint.names_an_error:
        return None
    return True if isinstance(answer.document, dict) or not answer.body.strip() else None


def _unsure(error: ExportError) -> ExportError:
    """A refusal of the last attempt says nothing of an earlier one that may have been received."""
    if not isinstance(error, Throttled | Unauthorized | Rejected | ArchiveUnavailable):
        return error
    return VendorUnavailable(f"{error.what}, and an earlier attempt may have been received", **error.vendor_facts)
