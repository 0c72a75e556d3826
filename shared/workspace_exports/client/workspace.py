"""Client that the handlers share: the vendor's operations, over httpx."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from time import monotonic
from typing import TYPE_CHECKING

import httpx

from workspace_exports.client.answers import GIVE_PERMISSION, Answer
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

if TYPE_CHECKING:
    from workspace_exports.client.download import Download
    from workspace_exports.orders import OrderLog

_ORDERING = "order the export"


@dataclass(slots=True)
class _Order:
    """Order in progress, with the number of times it was sent and whether one of them may have arrived."""

    request: httpx.Request
    began: float
    times_sent: int = 0
    may_have_been_received: bool = False


class WorkspaceClient:
    """Client of one project of one region, for one invocation.

    Its methods raise only the errors of `workspace_exports.core.errors`. Reads are retried within the time that the
    invocation has. An order that may have arrived is retried only after a search has found no task of it.
    """

    def __init__(self, caller: RequestSender) -> None:
        self._caller = caller
        self._tasks = TaskList(caller)

    @property
    def sender(self) -> RequestSender:
        """Sender of the project's requests."""
        return self._caller

    @property
    def project_id(self) -> str:
        """Id of the project, as given or as looked up."""
        return self._caller.project_id

    def create_export(self, export: Export, parameters: dict[str, object], order_log: "OrderLog") -> str:
        """Order an export and return its task id.

        The vendor has no idempotency key, and a GET creates a task as a POST does. When an answer is lost, the client
        first reads the vendor's task list, and adopts the task that the lost order made. It orders again only if it
        finds no such task.

        Args:
            export: the export to order.
            parameters: by the vendor's names.
            order_log: names the project's other orders, and records that this one is repeated.
        """
        order = _Order(self._order(export, parameters), monotonic())
        while True:
            try:
                task_id = self._send(order, order_log)
            except ExportError as error:
                told = _unsure(error) if order.may_have_been_received else _with_permission(error, export)
                raise told from (None if told is error else error)
            if task_id is not None:
                return task_id

    def _send(self, order: _Order, order_log: "OrderLog") -> str | None:
        """Send the order and return its task id; None if the order has to be sent again."""
        order.times_sent += 1
        attempt = self._caller.attempt(order.request)
        try:
            return attempt.read(_ORDERING, _task_id, "names no task")
        except ExportError as error:
            return self._recover(order, attempt, error, order_log)

    def _recover(self, order: _Order, attempt: Attempt, error: ExportError, order_log: "OrderLog") -> str | None:
        """Return the id of the task that the order made without saying so; None if the order has to be sent again."""
        if attempt.may_have_been_done(error):
            order.may_have_been_received = True
            if task_id := self.find_lost_order(timedelta(seconds=monotonic() - order.began), order_log):
                return task_id
        if not self._caller.wait(order.times_sent, error, _ORDERING):
            raise error
        if order.may_have_been_received:
            order_log.mark_resent()
        return None

    def find_lost_order(self, age: timedelta, order_log: "OrderLog") -> str | None:
        """Return the id of the task that an order without an answer made; None if it cannot be identified.

        The search is repeated, because a new task may take a moment to be listed.

        Args:
            age: time since the order began.
            order_log: log of that order.
        """
        from workspace_exports.client.lost_orders import task_made_by_order  # noqa: PLC0415 - for one call in thousands

        began = monotonic() - age.total_seconds()
        for look in range(1, self._caller.policy.attempts + 1):
            tasks, now = self._tasks.newest()
            task = task_made_by_order(tasks, now - timedelta(seconds=monotonic() - began), order_log.competing_orders())
            if task is not None:
                logger.info("adopted the task of an order whose answer was lost", task_id=task.task_id)
                return task.task_id
            if look < self._caller.policy.attempts and not self._caller.pause(float(look)):
                break
        return None

    def find_task(self, task_id: str) -> ExportTask | None:
        """Return the task as the vendor's list shows it, or None.

        Raises:
            UnexpectedAnswer: the task's status word is unknown; the error carries `task_id`.
            Unauthorized, Throttled, VendorUnavailable: as the vendor answers.
        """
        return self._tasks.find(task_id)

    @contextmanager
    def open_file(self, task_id: str) -> "Iterator[Download]":
        """Open the file of a finished task as a stream of its bytes on the wire."""
        from workspace_exports.client.download import Download  # noqa: PLC0415 - one function of three has files

        with closing(Download(self._caller, task_id)) as download:
            yield download

    def delete_task(self, task_id: str) -> None:
        """Remove a task and its file from the vendor's list; a task that is already gone is no error."""
        body = json.dumps({"task_ids": [task_id]})
        path = f"/v2/{self._caller.project_id}/export-tasks/batch-delete"
        request = self._caller.request("POST", path, body=body, content_type="application/json;charset=utf-8")
        self._caller.ask(request, "delete the task", _acknowledged, "acknowledges nothing")

    def _order(self, export: Export, parameters: dict[str, object]) -> httpx.Request:
        path, carried = export.path_for(self._caller.project_id, parameters), export.carried(parameters)
        if export.method == "GET":
            return self._caller.request("GET", path, query=query_pairs(carried), service=export.service)
        return self._caller.request(
            "POST", path, body=json.dumps(carried), content_type=export.content_type, service=export.service
        )


def connect(client_config: ClientConfig, deadline: Deadline, policy: RetryPolicy) -> WorkspaceClient:
    """Return a client for one project and one invocation, over connections that outlive the invocation."""
    connected = connection(client_config)
    return WorkspaceClient(RequestSender(connected.http, connected.project_id, deadline, policy))


def _task_id(answer: Answer) -> str | None:
    """Return the task id in a success; None unless it can be a path segment and a key of ours."""
    task_id = answer.document.get("task_id") if isinstance(answer.document, dict) else None
    return task_id if isinstance(task_id, str) and re.fullmatch(NAME, task_id) else None


def _acknowledged(answer: Answer) -> bool | None:
    if answer.vendor_error.names_an_error:
        return None
    return True if isinstance(answer.document, dict) or not answer.body.strip() else None


def _unsure(error: ExportError) -> ExportError:
    """Return the error for an order of which an earlier attempt may have been received.

    A refusal of the last attempt says nothing about the earlier one, so it becomes `VendorUnavailable`.
    """
    if not isinstance(error, Throttled | Unauthorized | Rejected | ArchiveUnavailable):
        return error
    return VendorUnavailable(f"{error.what}, and an earlier attempt may have been received", **error.vendor_facts)


def _with_permission(error: ExportError, export: Export) -> ExportError:
    """Return the error; a refusal that names no permission advises the ones that the vendor documents for the order."""
    needed = [name for name in (export.action, *export.older_actions) if isinstance(name, str)]
    is_plain = error.next_step in (Unauthorized.advice, GIVE_PERMISSION)
    if needed and is_plain and isinstance(error, Unauthorized) and error.vendor_status == HTTPStatus.FORBIDDEN:
        error.next_step = (
            f"Check that the user has {' and '.join(needed)} on this project, and that it is the right one."
        )
    return error


def query_pairs(parameters: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the pairs of the query as the vendor's own client sends them.

    A list repeats its name, and booleans become true and false.
    """
    return [(name, _word(value)) for name, values in parameters.items() for value in _each(values)]


def _each(values: object) -> Iterator[object]:
    yield from values if isinstance(values, list) else [values]


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
