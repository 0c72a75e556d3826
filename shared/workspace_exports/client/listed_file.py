"""Rows of a vendor's list as one stream of newline-delimited JSON, each row once, in constant memory.

Rows may move from page to page while a list is read, and many lists end at some offset. The window is therefore read in
pieces of time, each so short that one page holds all of its rows: such a page is a single answer, in which nothing can
move. Only a few seconds with more rows than a page take several pages, and as many readings as bring all rows.

The rows have no id of their own; `event_trace_id` joins several. A whole row therefore counts as often as the answer
with all rows of its time has it: two equal rows stay two.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from workspace_exports.client.list_pages import BY_TIME, SECOND, ListPage, ListRow, PageReader
from workspace_exports.client.reading_plan import ReadingPlan
from workspace_exports.client.requests import RequestSender
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.core.errors import BadFile, FileExpired, UnexpectedAnswer, VendorUnavailable
from workspace_exports.core.log import logger
from workspace_exports.exports import Export, Window

_LIKELY_BYTES = 1024
"""Estimated length of a row's line, rather too long than too short."""
_READINGS = 16
"""Most readings of a few seconds. In random order, each reading brings about two thirds of the rows that lack."""
_SHORTER_BY = 3
"""Rows by which the pages of each further reading are shorter, so that they end at other rows."""
_MOST_TOGETHER = 20_000
"""Most rows of a few seconds, which are in memory together; about 16 MiB."""
_EVER = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
_MORE_TIME = "Try again; if the time never suffices, order parts of the day with start_time and end_time."
_TOO_MANY = "Order parts of the list, by filters such as event_type."
_AGAIN = "Read the list again; nothing was archived."


class ListedFile:
    """List of one window, read while it streams.

    The number of all rows is asked for before and after. Both must agree with the number of rows read, so that no row
    was added to a piece that was read already.

    Attributes:
        size_bytes: None; the length is known at the end.
        is_framed: True; the numbers of rows mark the end.
        likely_bytes: estimated length, by the number of rows.
        emptiness: a sentence on why there are no rows; None if there are some.
        request_id: vendor's request id of the first answer.

    Raises:
        ExportError: as when the rows are read.
    """

    size_bytes: int | None = None
    is_framed = True

    def __init__(self, sender: RequestSender, reader: PageReader, export: Export, window: Window) -> None:
        self._sender = sender
        self._reader = reader
        self._rule = export.window
        self._longest = reader.longest_page
        self._start, self._stop = _span(window)
        self._rows = self._seen = self._calls = 0
        self._first = self._last = self._read(self._start, self._stop)
        self.request_id = self._first.request_id
        self.likely_bytes = self._first.count * _LIKELY_BYTES
        self.emptiness = self._proof_of_emptiness()

    @property
    def request_ids(self) -> tuple[str, ...]:
        """Vendor's request ids of the first answer and the last one."""
        return tuple(filter(None, (self._first.request_id, self._last.request_id)))

    def __iter__(self) -> Iterator[bytes]:
        """Yield the lines in order of time, those of one page at a time.

        Raises:
            BadFile: the list changed while it was read.
            FileExpired: the vendor no longer has the next piece.
            VendorUnavailable: the invocation's time is over, or the vendor is not available.
            UnexpectedAnswer, Unauthorized, Throttled, Rejected: as the vendor answers.
        """
        page = self._first
        plan = ReadingPlan(self._start, self._stop, page.count, self._longest)
        while True:
            if page.count > self._longest and plan.can_be_narrowed:
                plan.narrow(page.count)
            else:
                lines = self._lines(page, plan.since, plan.until)
                yield b"".join(lines)
                plan.advance(len(lines))
            if plan.is_done:
                break
            page = self._read(plan.since, plan.until)
        self._check_end()
        logger.info("list read", rows=self._rows, calls=self._calls)

    def _crowded(self, since: datetime, until: datetime) -> list[ListRow]:
        """Return all rows of a few seconds that have more than a page holds.

        Rows of equal time may come in another order in each answer, so that a reading brings some twice and others
        never. A row that one answer holds n times is there n times at least. Once these numbers add up to the vendor's
        number of all rows, no row is missing and none is counted twice.

        Raises:
            BadFile: the readings do not bring all rows.
            UnexpectedAnswer: there are more rows than fit into memory.
        """
        known: Counter[ListRow] = Counter()
        count = 0
        for reading in range(_READINGS):
            for page in self._reading(since, until, self._longest - reading * _SHORTER_BY):
                count = page.count
                for row, times in Counter(page.rows).items():
                    known[row] = max(known[row], times)
            if known.total() == count:
                return sorted(known.elements(), key=BY_TIME)
            if known.total() > count:
                known.clear()
        raise _changed(f"{_READINGS} readings around {to_wire(since)} bring {known.total()} of {count} rows")

    def _reading(self, since: datetime, until: datetime, longest: int) -> Iterator[ListPage]:
        """Yield all pages of one piece."""
        offset, count = 0, 1
        while offset < count:
            page = self._read(since, until, offset, longest)
            offset, count = offset + longest, page.count
            if count > _MOST_TOGETHER:
                raise UnexpectedAnswer(f"The vendor's list has {count} rows around {to_wire(since)}", advice=_TOO_MANY)
            yield page

    def _lines(self, page: ListPage, since: datetime, until: datetime) -> list[bytes]:
        """Count the rows of a piece, and return the lines of those in it. Others are in the margins.

        A row in the margin outside the window is counted, because the vendor's number of all rows has it too.
        """
        rows = page.rows if page.count <= self._longest else self._crowded(since, until)
        first = _EVER[0] if since == self._start else since
        last = _EVER[1] if until == self._stop else until
        self._seen += sum(first <= row.at < last for row in rows)
        lines = [row.line for row in rows if since <= row.at < until]
        self._rows += len(lines)
        return lines

    def _read(self, since: datetime, until: datetime, offset: int = 0, longest: int | None = None) -> ListPage:
        """Return a page, if there is time for it and the vendor still has its rows."""
        if not self._sender.has_time:
            raise VendorUnavailable(f"The time for the list is over: {self._progress}", advice=_MORE_TIME)
        piece = Window(since, until - SECOND)
        if problems := self._rule.out_of_reach(piece, utc_now()):
            raise FileExpired("; ".join(problems))
        self._calls += 1
        self._last = self._reader.read(piece, offset, longest)
        return self._last

    def _proof_of_emptiness(self) -> str | None:
        """Return a sentence if two answers say that the window has no rows; None if it has some."""
        if self._first.count > self._longest or any(self._start <= row.at < self._stop for row in self._first.rows):
            return None
        self._lines(self._first, self._start, self._stop)
        self._check_end()
        return "The vendor's list has no row for the window, in two answers"

    def _check_end(self) -> None:
        """Raise `BadFile` unless the list had as many rows at first as were read, and has as many now."""
        now = self._read(self._start, self._stop, longest=1).count
        if not self._first.count == self._seen == now:
            raise _changed(f"it had {self._first.count} rows, {self._seen} were read, and now it has {now}")

    @property
    def _progress(self) -> str:
        return f"{self._rows} of about {self._first.count} rows came in {self._calls} calls"


def _span(window: Window) -> tuple[datetime, datetime]:
    """Return the window's start and the first moment after it.

    Raises:
        ValueError: a side is open.
    """
    if window.start is None or window.end is None:
        raise ValueError("a list has both bounds")
    return window.start, window.end + SECOND


def _changed(how: str) -> BadFile:
    return BadFile(f"The list changed while it was read: {how}", advice=_AGAIN)
