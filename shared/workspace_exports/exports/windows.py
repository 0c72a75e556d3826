"""Windows of time that exports cover, and the vendor's rules for them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Self

from workspace_exports.core.clock import Precision, to_wire

_WHOLE_DAY = timedelta(hours=23, minutes=59, seconds=59)

LATE_DATA = timedelta(hours=3)
"""Time after the end of a day in which late data may arrive; the vendor does not say how late it may be."""


@dataclass(frozen=True, slots=True)
class Window:
    """Time span of an export. Both bounds are inclusive and in UTC; None leaves that side open."""

    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def of_day(cls, day: date) -> Self:
        """Return the window from 00:00:00Z to 23:59:59Z, which is the vendor's definition of a day."""
        start = datetime.combine(day, time(), UTC)
        return cls(start, start + _WHOLE_DAY)

    @property
    def day(self) -> date | None:
        """Day that this window covers exactly; None for any other window."""
        if self.start is None:
            return None
        day = self.start.date()
        return day if self == Window.of_day(day) else None

    def __str__(self) -> str:
        """Return `start/end`, an ISO 8601 interval; an open side is empty."""
        return "/".join(to_wire(bound) if bound else "" for bound in (self.start, self.end))


class Bounds(Enum):
    """Bounds that the vendor demands."""

    NONE = "none"
    AT_LEAST_ONE = "at least one bound"
    BOTH = "both bounds"
    BOTH_OR_NEITHER = "both bounds, or neither for the last month"


@dataclass(frozen=True, slots=True)
class Form:
    """Form in which a window goes to the vendor: the names of its bounds, their format, and its margins.

    Our bounds are whole seconds and both inclusive. The vendor's records have milliseconds, and the vendor does not say
    how it compares them. The margins bring what a comparison may leave out.

    Attributes:
        start_name: vendor's name of the first bound.
        end_name: vendor's name of the last bound.
        precision: smallest unit of the vendor's format.
        margin: time by which the vendor is asked for more at the end.
        before: time by which the vendor is asked for more at the start.
    """

    start_name: str = "start_time"
    end_name: str = "end_time"
    precision: Precision = "seconds"
    margin: timedelta = timedelta(seconds=2)
    before: timedelta = timedelta()

    def widened(self, window: Window) -> Window:
        """Return the window with its margins."""
        return Window(window.start and window.start - self.before, window.end and window.end + self.margin)

    def parameters(self, window: Window) -> dict[str, object]:
        """Return the bounds by the vendor's names and in its format; an open side is left out."""
        asked = self.widened(window)
        bounds = {self.start_name: asked.start, self.end_name: asked.end}
        return {name: to_wire(at, self.precision) for name, at in bounds.items() if at is not None}


WHOLE_SECONDS = Form()
"""Form of bounds in whole seconds. A day ends at 00:00:01Z of the next day.

So each record is in the file of its day or in the one before, whether a bound is inclusive or exclusive, and whether
whole seconds or fractions are compared. At most two seconds of a day are in two files.
"""


BOTH_SIDES = Form(margin=timedelta(seconds=1), before=timedelta(seconds=1))
"""Form of bounds in whole seconds for rows that are placed by their own time, so that a margin brings none twice."""


@dataclass(frozen=True, slots=True)
class WindowRule:
    """Rule for the windows that the vendor accepts at the time of the call.

    Source: the reference page of each export.

    Attributes:
        bounds: which of start_time and end_time the vendor demands.
        last_days: number of days that the vendor reaches back.
        settles_after: time after a day's end from which on its data count as complete.
        form: form in which the window goes to the vendor.
    """

    bounds: Bounds
    last_days: int = 0
    settles_after: timedelta = LATE_DATA
    form: Form = WHOLE_SECONDS

    @property
    def has_days(self) -> bool:
        """True if the export can cover a past day; False if it is a snapshot of the current state."""
        return self.bounds is not Bounds.NONE

    def is_settled(self, window: Window, at: datetime) -> bool:
        """Return whether the vendor will add nothing to the window after that time.

        It is False for a snapshot or an open side, whose contents depend on the time of the order.
        """
        settles_at = self.settles_at(window)
        return settles_at is not None and at >= settles_at

    def settles_at(self, window: Window) -> datetime | None:
        """Return the time from which on the vendor adds nothing; None for a snapshot or an open side."""
        if window.start is None or window.end is None:
            return None
        day_is_over = datetime.combine(window.end.date() + timedelta(days=1), time(), UTC)
        return day_is_over + self.settles_after

    def problems(self, window: Window, now: datetime) -> list[str]:
        """Return the reasons why the window must not be ordered; empty if there are none.

        A window that is not over yet is refused too. Its file would lack the rest of the window, which a later reader
        of the archive could not see.
        """
        given = {name: at for name, at in (("start_time", window.start), ("end_time", window.end)) if at is not None}
        if not self.has_days:
            return [f"{name} is not possible: this export is a snapshot of now" for name in given]
        out_of_reach, not_over = self.out_of_reach(window, now), self._not_over(given, now)
        return [*self._missing(given), *_reversed(window), *out_of_reach, *not_over]

    def out_of_reach(self, window: Window, now: datetime) -> list[str]:
        """Return the reasons why the vendor no longer makes a file of the window; empty if it does."""
        earliest = now - timedelta(days=self.last_days)
        bounds = (("start_time", window.start), ("end_time", window.end)) if self.has_days else ()
        return [
            f"{name} {to_wire(at)} is more than {self.last_days} days ago: the vendor has nothing before "
            f"{to_wire(earliest)}"
            for name, at in bounds
            if at is not None and at < earliest
        ]

    def _missing(self, given: dict[str, datetime]) -> list[str]:
        if self.bounds is Bounds.AT_LEAST_ONE:
            return [] if given else ["give day, start_time or end_time"]
        if not given:
            return [] if self.bounds is Bounds.BOTH_OR_NEITHER else ["give day, or start_time and end_time"]
        needs = "takes both, or neither" if self.bounds is Bounds.BOTH_OR_NEITHER else "needs both"
        return [f"{name} is missing: this export {needs}" for name in ("start_time", "end_time") if name not in given]

    def _not_over(self, given: dict[str, datetime], now: datetime) -> list[str]:
        """Return a reason for each bound that is still to come; the margin after the end must have passed, too."""
        margins = {"start_time": timedelta(), "end_time": self.form.margin}
        return [
            f"{name} {to_wire(at)} is not over: order it {_after(margins[name])} that time (now is {to_wire(now)})"
            for name, at in given.items()
            if at > now - margins[name]
        ]

    def __str__(self) -> str:
        """Return the rule in the words of the documentation."""
        if not self.has_days:
            return "none: a snapshot of now"
        return f"within the last {self.last_days} days, {self.bounds.value}"


SNAPSHOT = WindowRule(Bounds.NONE)
"""Rule of an export that takes no window: its file holds the current state."""


def _after(margin: timedelta) -> str:
    return f"{margin.total_seconds():g} s after" if margin else "after"


def _reversed(window: Window) -> list[str]:
    if window.start is None or window.end is None or window.start <= window.end:
        return []
    return [f"start_time {to_wire(window.start)} is after end_time {to_wire(window.end)}: swap them"]
