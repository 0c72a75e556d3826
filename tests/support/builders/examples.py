"""Plain examples of exports, files and credentials; each test changes the fields that it is about."""

import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import httpx
import xlsxwriter

from workspace_exports.client.credentials import Credentials
from workspace_exports.client.credentials.providers import CredentialProvider
from workspace_exports.client.requests import RequestSender
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.workspace import WorkspaceClient
from workspace_exports.core.deadline import Deadline
from workspace_exports.events import ObservedExport
from workspace_exports.exports import Window, find_export
from workspace_exports.orders import CompetingOrders

PROJECT_ID = "0123456789abcdef0123456789abcdef"
TASK_ID = "2b31ed5200000000000000000edb6e57"
NOW = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)


def observed_export(**changes: Any) -> ObservedExport:
    """A connection-records export of one whole day whose task has ended in SUCCESS."""
    example = {
        "kind": "connection-records",
        "project_id": PROJECT_ID,
        "day": "2026-11-20",
        "task_id": TASK_ID,
        "ordered_at": "2026-11-22T04:30:00Z",
        "status": "SUCCESS",
        "file_name": "records.xlsx",
    }
    return ObservedExport.model_validate(example | changes)


class AloneInTheBook:
    """An order book without other orders."""

    def competing_orders(self) -> CompetingOrders:
        return CompetingOrders()

    def mark_resent(self) -> None:
        """Nobody else will read it."""


def past_window(kind: str) -> Window:
    """A window the kind takes at NOW: a whole day that is over, or none for a snapshot."""
    return Window.of_day(date(2026, 11, 20)) if find_export(kind).window.has_days else Window()


def request_sent(kind: str, filters: Mapping[str, object]) -> httpx.Request:
    """The order as the client sends it, caught before any socket."""
    sent: list[httpx.Request] = []

    def accept(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json={"task_id": TASK_ID})

    export = find_export(kind)
    with httpx.Client(base_url="https://vendor.invalid", transport=httpx.MockTransport(accept)) as http:
        client = WorkspaceClient(RequestSender(http, PROJECT_ID, Deadline.after(60), RetryPolicy()))
        client.create_export(export, export.wire_parameters(past_window(kind), filters), AloneInTheBook())
    return sent[0]


def workbook(text: str = "a cell") -> bytes:
    """A genuine .xlsx file of a few kilobytes; the same bytes for the same text."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": NOW.replace(tzinfo=None)})
        book.add_worksheet().write(0, 0, text)
    return buffer.getvalue()


class Changing(CredentialProvider):
    """Holds one thing after the other; an error among them is raised."""

    def __init__(self, *held: Credentials | Exception) -> None:
        self.held = list(held)

    def read(self) -> Credentials:
        found = self.held.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def __hash__(self) -> int:
        return id(self)


class Incoming:
    """A file on its way in, made of these chunks."""

    def __init__(self, chunks: Iterable[bytes], size_bytes: int | None = None, *request_ids: str) -> None:
        self._chunks = chunks
        self.size_bytes = size_bytes
        self.is_framed = size_bytes is not None
        self.request_ids = request_ids

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)
