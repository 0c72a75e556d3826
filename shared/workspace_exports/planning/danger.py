"""Which missing days the vendor will not have for much longer, and which it no longer has."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from workspace_exports.exports import WindowRule
from workspace_exports.planning.missing import missing_days

_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Danger:
    """Missing days, oldest first."""

    at_risk: list[date]
    lost: list[date]


def days_in_danger(
    since: date, archived: AbstractSet[date], window: WindowRule, now: datetime, at_risk_days: int
) -> Danger:
    """What is missing of the days the archive is to have, as far as it is lost or about to be.

    A day is lost once its first second is beyond the vendor's reach: whole, nobody can get it any more.

    Args:
        since: the first day the archive is to have.
        archived: the days it has.
        window: how far back the vendor reaches, and when a day is complete; not a snapshot's.
        now: the time of the report.
        at_risk_days: a day that the vendor will have for that many days or fewer is at risk.
    """
    reach = timedelta(days=window.last_days)
    newest = (now - window.settles_after).date() - _A_DAY
    missing = missing_days(archived, since, newest)
    left = {day: datetime.combine(day, time(), UTC) + reach - now for day in missing}
    nothing = timedelta()
    return Danger(
        at_risk=[day for day in missing if nothing <= left[day] <= timedelta(days=at_risk_days)],
        lost=[day for day in missing if left[day] < nothing],
    )
