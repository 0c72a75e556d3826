"""Layout of the heat-map: weeks are columns, Monday is the top row, and a long range continues in the next band.

All lengths are user units of the SVG, which are CSS pixels on the screen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import ceil

from workspace_exports.coverage.ledger_record import DayStatus

PITCH = 13
SQUARE = "h9v9h-9z"
"""Path of one day; a stroke of 2 makes it 11 wide with round corners."""
MARKS = {
    DayStatus.LOST: "m2 2l5 5m0-5l-5 5",
    DayStatus.AT_RISK: "m1.5 4.5a3 3 0 1 0 6 0a3 3 0 1 0-6 0",
    DayStatus.FAILED: "m4.5 .8v4.4m0 2v1.4",
    DayStatus.MISSING: "m-.2 5.2l5.4-5.4m4 0l-9.4 9.4m4 0l5.4-5.4",
}
"""Paths of marks that show a status without colour: cross, ring, exclamation mark, hatch; from the square's corner."""

_LEFT, _TOP, _INSET = 30, 18, 2
_WEEK = 7
_WIDEST_WEEKS = 60
_LABEL_WEEKS = 4
_JANUARY = 1


@dataclass(frozen=True)
class Label:
    """Word beside the squares."""

    x: int
    y: int
    text: str


@dataclass(frozen=True)
class Calendar:
    """Days from the first to the last, both inclusive, laid out once for all series."""

    first_day: date
    last_day: date

    @property
    def monday(self) -> date:
        """Monday of the first week."""
        return self.first_day - timedelta(days=self.first_day.weekday())

    @property
    def weeks(self) -> int:
        """Number of columns, in all bands together."""
        return (self.last_day - self.monday).days // _WEEK + 1

    @property
    def bands(self) -> int:
        """Number of bands, the lowest that keeps each at 60 weeks or less."""
        return ceil(self.weeks / _WIDEST_WEEKS)

    @property
    def band_weeks(self) -> int:
        """Number of columns in one band."""
        return ceil(self.weeks / self.bands)

    left, top, pitch = _LEFT, _TOP, PITCH
    band_height = _TOP + _WEEK * PITCH + _INSET

    @property
    def width(self) -> int:
        """Width of the picture; the last month's name needs room too."""
        return _LEFT + self.band_weeks * PITCH + PITCH

    @property
    def height(self) -> int:
        """Height of the picture."""
        return self.bands * self.band_height

    @cached_property
    def corners(self) -> dict[date, str]:
        """Start of a sub-path for each day, such as `M58 44`."""
        days = (self.last_day - self.first_day).days + 1
        return {day: "M{} {}".format(*self._corner(day)) for day in map(self._day, range(days))}

    def squares(self, days: Iterable[date]) -> str:
        """Return a path with a square for each day in range."""
        return "".join(f"{self.corners[day]}{SQUARE}" for day in days if day in self.corners)

    def marks(self, status: DayStatus, days: Iterable[date]) -> str:
        """Return a path with the status's mark for each day in range; empty for a status without a mark."""
        mark = MARKS.get(status)
        return "".join(f"{self.corners[day]}{mark}" for day in days if day in self.corners) if mark else ""

    @property
    def labels(self) -> list[Label]:
        """Labels of every second weekday, and of months above the week of their first day; years where they begin."""
        weekdays = [
            Label(0, band * self.band_height + _TOP + row * PITCH + 9, name)
            for band in range(self.bands)
            for row, name in ((0, "Mon"), (2, "Wed"), (4, "Fri"))
        ]
        months = [
            self._month_label(week, day, with_year=number == 0 or day.month == _JANUARY)
            for number, (week, day) in enumerate(self._months())
        ]
        return weekdays + months

    def _day(self, offset: int) -> date:
        return self.first_day + timedelta(days=offset)

    def _corner(self, day: date) -> tuple[int, int]:
        week, row = divmod((day - self.monday).days, _WEEK)
        band, column = divmod(week, self.band_weeks)
        return _LEFT + column * PITCH + _INSET, band * self.band_height + _TOP + row * PITCH + _INSET

    def _months(self) -> list[tuple[int, date]]:
        """Return the weeks with the first of a month, and the first week if its name has room before the next one."""
        firsts = [((day - self.monday).days // _WEEK, day) for day in self.corners if day.day == 1]
        has_room = not firsts or firsts[0][0] >= _LABEL_WEEKS
        return ([(0, self.first_day)] if has_room else []) + firsts

    def _month_label(self, week: int, day: date, *, with_year: bool) -> Label:
        band, column = divmod(week, self.band_weeks)
        text = f"{day:%b %Y}" if with_year else f"{day:%b}"
        return Label(_LEFT + column * PITCH + 1, band * self.band_height + 12, text)
