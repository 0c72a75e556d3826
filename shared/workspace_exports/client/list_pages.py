"""Pages of a list that the vendor delivers without a task, each row as a line of newline-delimited JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter

from workspace_exports.client.answers import Answer
from workspace_exports.client.requests import RequestSender
from workspace_exports.client.workspace import query_pairs
from workspace_exports.core.clock import to_wire
from workspace_exports.core.errors import UnexpectedAnswer
from workspace_exports.core.redaction import sanitize
from workspace_exports.exports import Export, Filters, Window
from workspace_exports.exports.deliveries import PagedList

SECOND = timedelta(seconds=1)
"""Smallest unit of a bound."""
BY_TIME = attrgetter("at", "line")
"""Order of rows, the same for the same rows."""
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_DOING = "read the vendor's list"


@dataclass(frozen=True, slots=True)
class ListRow:
    """Row of a list, with its own time."""

    at: datetime
    line: bytes


@dataclass(frozen=True, slots=True)
class ListPage:
    """Answer of the vendor about a window: the number of all rows in it, and some or all of them.

    Attributes:
        count: number of all rows that match.
        rows: rows of this page, by time.
        request_id: vendor's request id of the answer.
    """

    count: int
    rows: list[ListRow]
    request_id: str | None


class PageReader:
    """Reader of one list with one set of filters."""

    def __init__(self, sender: RequestSender, export: Export, listed: PagedList, filters: Filters) -> None:
        self._sender = sender
        self._export = export
        self._listed = listed
        self._filters = filters

    @property
    def longest_page(self) -> int:
        """Most rows of one page."""
        return self._listed.longest_page

    def read(self, window: Window, offset: int = 0, longest: int | None = None) -> ListPage:
        """Return a page of the window. The vendor is asked for a margin too, whose rows are among the page's.

        Args:
            window: whole seconds, both bounds inclusive.
            offset: number of rows to pass over.
            longest: most rows; the vendor's most if it is None.

        Raises:
            UnexpectedAnswer: a row has no time that this version understands, or one outside the window.
            Unauthorized, Throttled, VendorUnavailable: as the vendor answers. A page with fewer or more rows than its
                own count says is no answer, and is asked for again.
        """
        asked, limit = self._export.window.form.widened(window), longest or self._listed.longest_page

        def find(answer: Answer) -> tuple[int, list[ListRow]] | None:
            return _page(answer.document, self._listed, asked, offset, limit)

        lacks = f"holds no {self._listed.count} with that many {self._listed.rows}"
        parameters = self._export.wire_parameters(window, self._filters) | {"offset": offset, "limit": limit}
        path = self._export.path_for(self._sender.project_id, parameters)
        request = self._sender.request(
            "GET", path, query=query_pairs(self._export.carried(parameters)), service=self._export.service
        )
        (count, rows), headers = self._sender.ask(request, _DOING, find, lacks)
        return ListPage(count, rows, sanitize(headers.get("x-request-id")))


def _page(
    document: object, listed: PagedList, asked: Window, offset: int, limit: int
) -> tuple[int, list[ListRow]] | None:
    """Return the number of all rows and the rows of this page; None unless they are as many as they should be."""
    if not isinstance(document, Mapping):
        return None
    count, items = document.get(listed.count), document.get(listed.rows)
    if not isinstance(count, int) or isinstance(count, bool) or not isinstance(items, list):
        return None
    if len(items) != max(0, min(limit, count - offset)) or not all(isinstance(item, dict) for item in items):
        return None
    try:
        rows = list(_rows(items, listed.time, asked))
    except ValueError:
        return None
    return count, sorted(rows, key=BY_TIME)


def _rows(items: list[dict[str, object]], time: str, asked: Window) -> Iterator[ListRow]:
    """Yield the rows.

    Raises:
        UnexpectedAnswer: a row's time is not understood or outside the window.
        ValueError: a row holds a value that JSON does not have, such as NaN.
    """
    for item in items:
        at = _moment(item.get(time))
        if at is None:
            raise UnexpectedAnswer(f"A row of the vendor's list has no {time} that this version understands")
        if (asked.start and at < asked.start) or (asked.end and at >= asked.end + SECOND):
            raise UnexpectedAnswer(f"The vendor's list holds a row of {to_wire(at)}, though {asked} was asked for")
        yield ListRow(at, _line(item))


def _line(item: dict[str, object]) -> bytes:
    """Return the row as one line of JSON, with the vendor's fields in the vendor's order.

    Half a character, which JSON can hold and UTF-8 cannot, stays an escape.
    """
    return _encode(item).encode("utf-8", "backslashreplace") + b"\n"


def _moment(value: object) -> datetime | None:
    """Return the time that a row names, in UTC where it names no zone; None for anything else."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at and at.tzinfo is None else at
