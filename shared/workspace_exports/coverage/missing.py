"""Which whole days are missing from the archive and can still be had."""

from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta

from workspace_exports.core.errors import Rejected
from workspace_exports.exports import WindowRule

_A_DAY = timedelta(days=1)

MARGIN = timedelta(hours=6)
"""Kept from the far edge of the vendor's window, which moves on while a run is under way."""


def days_to_cover(first: date | None, last: date | None, window: WindowRule, now: datetime) -> tuple[date, date]:
    """The range asked for, or what is within reach where a bound is left open; both ends inclusive.

    What is kept from the edges shapes the open bounds only: who names a day means it.

    Args:
        first: None for the oldest day the vendor will still have when the run gets to it.
        last: None for the newest day whose data can be trusted to be complete.
        window: how far back the vendor reaches, and when a day is complete; not a snapshot's.
        now: the time of the plan.

    Raises:
        Rejected: a day that the vendor no longer has, or that is not over.
    """
    oldest, newest = oldest_day(window, now), now.date() - _A_DAY
    for name, day in (("first_day", first), ("last_day", last)):
        if day and day < oldest:
            raise Rejected(f"{name} {day} is out of the vendor's reach: the oldest day it has is {oldest}")
        if day and day > newest:
            raise Rejected(f"{name} {day} is not over: the newest whole day is {newest}")
    settled = settled_day(window, now)
    if first and not last and first > settled:
        raise Rejected(f"first_day {first} may still gain data until {settled + 2 * _A_DAY}: name last_day to insist")
    return first or oldest_day(window, now + MARGIN), last or settled


def oldest_day(window: WindowRule, now: datetime) -> date:
    """The oldest whole day that the vendor has at that time."""
    return _first_whole_day(now - timedelta(days=window.last_days))


def settled_day(window: WindowRule, now: datetime) -> date:
    """The newest whole day whose data can be trusted to be complete at that time."""
    return (now - window.settles_after).date() - _A_DAY


def missing_days(archived: AbstractSet[date], first: date, last: date) -> list[date]:
    """Every day from first to last that is not archived, oldest first: the oldest is the next to be lost."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day not in archived]


def _first_whole_day(earliest: datetime) -> date:
    """The first day that starts at that moment or after it."""
    day = earliest.date()
    return day if datetime.combine(day, time(), UTC) == earliest else day + _A_DAY
