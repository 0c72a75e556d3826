"""Which days are lost for good, and which are about to be."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta

from workspace_exports.exports import WindowRule
from workspace_exports.planning.missing import missing_days

_A_DAY = timedelta(days=1)


def lost_days(since: date | None, archived: AbstractSet[date], first_reachable: date) -> list[date]:
    """The days that were to be archived, are not, and cannot be had any more, oldest first.

    Args:
        since: from which day on the archive was to be complete; None where nothing was ever planned.
        archived: the days it has.
        first_reachable: the oldest day that the vendor has.
    """
    return missing_days(archived, since, first_reachable - _A_DAY) if since else []


def days_at_risk(missing: Iterable[date], window: WindowRule, now: datetime, within: timedelta) -> list[date]:
    """Those of the missing days that can still be had now, and not any more once that time has passed."""
    return sorted(day for day in missing if now <= gone_at(day, window) < now + within)


def gone_at(day: date, window: WindowRule) -> datetime:
    """Until when the vendor has that day."""
    return datetime.combine(day, time(), UTC) + timedelta(days=window.last_days)
