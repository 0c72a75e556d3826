"""Plan for reading a window in pieces of time, each with no more rows than a page takes."""

from datetime import datetime, timedelta

_SECOND = timedelta(seconds=1)
_SHORTEST = 4
"""Seconds of a piece that is not narrowed. A second in its middle is in no margin of its neighbours."""
_AIM = 0.7
"""Share of a page that a piece is planned to fill. A piece with more rows than a page is read in vain."""


class ReadingPlan:
    """Next piece of a window, by what is known of the rows that are left.

    Args:
        since: start of the window, in whole seconds.
        until: first moment after it.
        rows: number of its rows.
        longest: most rows of a page.

    Attributes:
        since: start of the next piece.
        until: first moment after that piece.
    """

    def __init__(self, since: datetime, until: datetime, rows: int, longest: int) -> None:
        self.since, self.until = since, until
        self._longest = longest
        # Rows from `since` to each of these moments, the last moment first. Margins make them rather too many.
        self._left = [(until, rows)]

    @property
    def is_done(self) -> bool:
        """True if no piece is left."""
        return not self._left

    @property
    def can_be_narrowed(self) -> bool:
        """True if the piece is longer than a few seconds."""
        return self._seconds_to(self.until) > _SHORTEST

    def narrow(self, rows: int) -> None:
        """Plan a shorter piece, since this one and its margins have so many rows."""
        self._left.append((self.until, rows))
        self.until = self._part_of(self.until, rows)

    def advance(self, rows: int) -> None:
        """Plan the piece after this one, which has brought so many rows."""
        self.since = self.until
        self._left = [(until, left - rows) for until, left in self._left if until > self.since]
        if self._left:
            fitting = (until for until, left in self._left if left <= self._longest)
            self.until = next(fitting, None) or self._part_of(*self._left[-1])

    def _part_of(self, until: datetime, rows: int) -> datetime:
        """Return the end of a part of the time until then that should fit into a page; at most half of it."""
        width = self._seconds_to(until)
        part = max(_SHORTEST, min(width // 2, int(width * self._longest * _AIM / rows)))
        return self.since + min(part, width) * _SECOND

    def _seconds_to(self, until: datetime) -> int:
        return (until - self.since) // _SECOND
