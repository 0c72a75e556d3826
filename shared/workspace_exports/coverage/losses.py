"""The days that are about to be lost, and when that is."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from workspace_exports.exports import WindowRule


def days_at_risk(missing: Iterable[date], window: WindowRule, now: datetime, within: timedelta) -> list[date]:
    """Those of the missing days that can still be had now, and not any more once that time has passed."""
    return sorted(day for day in missing if now <= gone_at(day, window) < now + within)


def gone_at(day: date, window: WindowRule) -> datetime:
    """Until when the vendor has that day."""
    return datetime.combine(day, time(), UTC) + timedelta(days=window.last_days)
