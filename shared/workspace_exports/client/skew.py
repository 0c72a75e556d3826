"""Difference between our clock and the vendor's.

The vendor refuses a signature that is more than 15 minutes off, in words that hide this reason.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_WORTH_A_WORD = timedelta(minutes=5)
_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60))


def clock_skew(date: str | None, now: datetime) -> timedelta | None:
    """Return the time that our clock is ahead, negative if it is behind; None if that is too small or unknown.

    Args:
        date: the Date header of an answer that has just come in.
        now: the time by our clock.
    """
    try:
        theirs = parsedate_to_datetime(date or "")
    except (ValueError, OverflowError):
        return None
    skew = now - (theirs if theirs.tzinfo else theirs.replace(tzinfo=UTC))
    return skew if abs(skew) > _WORTH_A_WORD else None


def describe_skew(skew: timedelta) -> str:
    """Return the difference in words, for example: the clock here is 17 minutes ahead of the vendor's."""
    seconds = abs(skew).total_seconds()
    unit, size = next((unit, size) for unit, size in _UNITS if seconds >= 2 * size)
    where = "ahead of" if skew > timedelta() else "behind"
    return f"the clock here is {round(seconds / size)} {unit} {where} the vendor's"
