"""Rows of a vendor's list as one stream of newline-delimited JSON, each row once, in constant memory.

Rows may move from page to page while a list is read, and many lists end at some offset. The window is therefore read in
pieces of time, each so short that one page holds all of its rows: such a page is a single answer, in which nothing can
move. Only a second with more rows than a page takes several pages, and as many readings of them as bring all its rows.

The rows have no id of their own; `event_trace_id` joins several. A whole row therefore counts as often as the answer
with all rows of its time has it: two equal rows stay two.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from workspace_exports.client.list_pages import SECOND, Page, PageReader, Row
from workspace_exports.client.requests import RequestSender
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.core.errors import BadFile, FileExpired, UnexpectedAnswer, VendorUnavailable
from workspace_exports.core.log import logger
from workspace_exports.exports import Export, Window

_AIM = 0.7
"""Share of a page that a piece is planned to fill. A piece with more rows than a page is read in vain."""
_FASTEST_GROWTH = 4
_LIKELY_BYTES = 1024
"""Estimated length of a row's line, rather too long than too short."""
_READINGS = 16
"""Most readings of a second. If its rows come in random order, each reading brings two thirds of those that lack."""
_SHORTER_BY = 3
"""Rows by which the pages of each further reading are shorter, so that they end at other rows."""
_MOST_IN_A_SECOND = 20_000
"""Most rows of a second, which are in memory together; about 16 MiB."""
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
        since, page, width = self._start, self._first, self._stop - self._start
        while True:
            until = min(since + width, self._stop)
            if page.count > self._longest and until - since > SECOND:
                width = self._shorter(until - since, page.count)
            else:
                rows = page.rows if page.count <= self._longest else self._crowded_second(since, until)
                yield self._take(rows, since, until)
                if until == self._stop:
                    break
                since, width = until, self._next(until - since, page.count)
            page = self._read(since, min(since + width, self._stop))
        self._check_end()
        logger.info("list read", rows=self._rows, calls=self._calls)

    def _crowded_second(self, since: datetime, until: datetime) -> list[Row]:
        """Return all rows of a second that has more than a page holds.

        Rows of equal time may come in another order in each answer, so that a reading brings some twice and others
        never. A row that one answer holds n times is there n times at least. Once these numbers add up to the vendor's
        number of all rows, no row is missing and none is counted twice.

        Raises:
            BadFile: the readings do not bring all rows.
            UnexpectedAnswer: the second has more rows than fit into memory.
        """
        known: Counter[Row] = Counter()
        count = 0
        for reading in range(_READINGS):
            for page in self._reading(since, until, self._longest - reading * _SHORTER_BY):
                count = page.count
                for row, times in Counter(page.rows).items():
                    known[row] = max(known[row], times)
            if known.total() == count:
                return sorted(known.elements())
            if known.total() > count:
                known.clear()
        raise _changed(f"{_READINGS} readings of {to_wire(since)} bring {known.total()} of its {count} rows")

    def _reading(self, since: datetime, until: datetime, longest: int) -> Iterator[Page]:
        """Yield all pages of one piece."""
        offset, count = 0, 1
        while offset < count:
            page = self._read(since, until, offset, longest)
            offset, count = offset + longest, page.count
            if count > _MOST_IN_A_SECOND:
                raise UnexpectedAnswer(f"The vendor's list has {count} rows of {to_wire(since)}", advice=_TOO_MANY)
            yield page

    def _take(self, rows: list[Row], since: datetime, until: datetime) -> bytes:
        """Count the rows, and return the lines of those in the piece. The margins are between pieces, or outside all.

        A row in the margin outside the window is counted, because the vendor's number of all rows has it too.
        """
        first = _EVER[0] if since == self._start else since
        last = _EVER[1] if until == self._stop else until
        self._seen += sum(first <= row.at < last for row in rows)
        lines = [row.line for row in rows if since <= row.at < until]
        self._rows += len(lines)
        return b"".join(lines)

    def _read(self, since: datetime, until: datetime, offset: int = 0, longest: int | None = None) -> Page:
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
        self._take(self._first.rows, self._start, self._stop)
        self._check_end()
        return "The vendor's list has no row for the window, in two answers"

    def _check_end(self) -> None:
        """Raise `BadFile` unless the list had as many rows at first as were read, and has as many now."""
        now = self._read(self._start, self._stop, longest=1).count
        if not self._first.count == self._seen == now:
            raise _changed(f"it had {self._first.count} rows, {self._seen} were read, and now it has {now}")

    def _shorter(self, width: timedelta, count: int) -> timedelta:
        """Return the width of a piece instead of one that has so many rows; at most half of it."""
        planned = width * (self._longest * _AIM / count)
        return _whole(min(planned, width / 2))

    def _next(self, width: timedelta, count: int) -> timedelta:
        """Return the width of the piece after one with so many rows."""
        return _whole(min(width * _FASTEST_GROWTH, width * (self._longest * _AIM / max(count, 1))))

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


def _whole(width: timedelta) -> timedelta:
    """Return the width in whole seconds, at least one."""
    return max(SECOND, width // SECOND * SECOND)


def _changed(how: str) -> BadFile:
    return BadFile(f"The list changed while it was read: {how}", advice=_AGAIN)
