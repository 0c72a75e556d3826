"""The window of time an export covers, and how far back the vendor lets it reach."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Self

from workspace_exports.core.clock import to_wire

_WHOLE_DAY = timedelta(hours=23, minutes=59, seconds=59)

LATE_DATA = timedelta(hours=3)
"""Kept from the near edge of a window, for data that arrives late; the vendor says nothing of how late it may be."""


@dataclass(frozen=True, slots=True)
class Window:
    """Both bounds are inclusive and in UTC; None leaves that side open."""

    start: datetime | None = None
    end: datetime | None = None

    @classmethod
    def of_day(cls, day: date) -> Self:
        """00:00:00Z to 23:59:59Z, the vendor's own notion of a day."""
        start = datetime.combine(day, time(), UTC)
        return cls(start, start + _WHOLE_DAY)

    @property
    def day(self) -> date | None:
        """The day this window is exactly, if it is one."""
        if self.start is None:
            return None
        day = self.start.date()
        return day if self == Window.of_day(day) else None

    def __str__(self) -> str:
        """`start/end`, as an ISO 8601 interval; an open side is empty."""
        return "/".join(to_wire(bound) if bound else "" for bound in (self.start, self.end))


class Bounds(Enum):
    """Which bounds the vendor wants."""

    NONE = "none"
    AT_LEAST_ONE = "at least one bound"
    BOTH = "both bounds"


@dataclass(frozen=True, slots=True)
class WindowRule:
    """What the vendor accepts as a window at the time of the call.

    Source: the reference page of each export.

    Attributes:
        bounds: which of start_time and end_time it wants.
        last_days: how many days back the vendor reaches.
        settles_after: how long after its end a day can be trusted to be complete.
    """

    bounds: Bounds
    last_days: int = 0
    settles_after: timedelta = LATE_DATA

    @property
    def has_days(self) -> bool:
        """Whether a past day can be asked for, rather than the state of now."""
        return self.bounds is not Bounds.NONE

    def is_settled(self, window: Window, at: datetime) -> bool:
        """Whether what the vendor had of the window at that time is all it will ever have.

        Never for a snapshot or an open side: what that covers depends on when it is asked for.
        """
        settles_at = self.settles_at(window)
        return settles_at is not None and at >= settles_at

    def settles_at(self, window: Window) -> datetime | None:
        """The time from which on nothing more comes of the window; None for a snapshot or an open side."""
        if window.start is None or window.end is None:
            return None
        day_is_over = datetime.combine(window.end.date() + timedelta(days=1), time(), UTC)
        return day_is_over + self.settles_after

    def problems(self, window: Window, now: datetime) -> list[str]:
        """Why the vendor, or a reader of the archive years later, would be ill served; empty if all is well.

        A window that is not over yet is refused too: archived now, it would stand for a time it does not cover.
        """
        given = {name: at for name, at in (("start_time", window.start), ("end_time", window.end)) if at is not None}
        if not self.has_days:
            return [f"{name} is not possible: this export is a snapshot of now" for name in given]
        return self._missing(given) + _reversed(window) + self.out_of_reach(window, now) + _not_over(given, now)

    def out_of_reach(self, window: Window, now: datetime) -> list[str]:
        """Why the vendor would not make a file of the window any more; empty if it would."""
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
            return ["give day, or start_time and end_time"]
        return [
            f"{name} is missing: this export needs both" for name in ("start_time", "end_time") if name not in given
        ]

    def __str__(self) -> str:
        """The rule in the words of the documentation."""
        if not self.has_days:
            return "none: a snapshot of now"
        return f"within the last {self.last_days} days, {self.bounds.value}"


SNAPSHOT = WindowRule(Bounds.NONE)
"""Takes no window: what is exported is the state of the moment."""


def _reversed(window: Window) -> list[str]:
    if window.start is None or window.end is None or window.start <= window.end:
        return []
    return [f"start_time {to_wire(window.start)} is after end_time {to_wire(window.end)}: swap them"]


def _not_over(given: dict[str, datetime], now: datetime) -> list[str]:
    return [
        f"{name} {to_wire(at)} is in the future: ask again once it has passed (now is {to_wire(now)})"
        for name, at in given.items()
        if at > now
    ]
