"""How the days of one kind and project stand: archived, lost, at risk, failed, or merely missing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from workspace_exports.archive.failures import Failure
from workspace_exports.core.errors import Rejected
from workspace_exports.coverage.ledger_record import CoveredDay, DayAtRisk, DayStatus, SeriesCoverage, Totals
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


def days_at_risk(missing: Iterable[date], window: WindowRule, now: datetime, within: timedelta) -> list[date]:
    """Those of the missing days that can still be had now, and not any more once that time has passed."""
    return sorted(day for day in missing if now <= gone_at(day, window) < now + within)


def gone_at(day: date, window: WindowRule) -> datetime:
    """Until when the vendor has that day."""
    return datetime.combine(day, time(), UTC) + timedelta(days=window.last_days)


_LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class Rule:
    """What decides how a day stands that is not archived.

    Attributes:
        window: how far back the vendor reaches.
        now: the time of the judgement.
        at_risk_days: so many days before the vendor drops it, a missing day is at risk.
        kept_days: so long the archive keeps what it has; 0 for ever. What is older is neither missing nor lost.
    """

    window: WindowRule
    now: datetime
    at_risk_days: int
    kept_days: int = 0

    def due_since(self, since: date) -> date:
        """From which day on the archive is to be complete as of now."""
        return max(since, self.now.date() - timedelta(days=self.kept_days)) if self.kept_days else since


def standings(
    since: date | None, archived: AbstractSet[date], last: date, rule: Rule, others: AbstractSet[date] = frozenset()
) -> dict[date, DayStatus]:
    """Every day that was to be archived and is not, oldest first, and whether it is lost, at risk or merely missing.

    Args:
        since: from which day on the archive is to be complete; None where no daily run has planned anything.
        archived: the days it has.
        last: the newest day of that range.
        rule: what decides.
        others: days outside of that range that were asked for: a run by hand planned them, or an attempt failed.
    """
    due = set(missing_days(archived, rule.due_since(since), last)) if since else set()
    due |= {day for day in others - archived if day == rule.due_since(day)}
    oldest = oldest_day(rule.window, rule.now)
    at_risk = set(days_at_risk(due, rule.window, rule.now, timedelta(days=rule.at_risk_days)))
    return {day: _status(day, oldest, at_risk) for day in sorted(due)}


def _status(day: date, oldest: date, at_risk: AbstractSet[date]) -> DayStatus:
    if day < oldest:
        return DayStatus.LOST
    return DayStatus.AT_RISK if day in at_risk else DayStatus.MISSING


def covered_days(
    archived: Iterable[CoveredDay],
    standing: Mapping[date, DayStatus],
    failures: Mapping[date, Failure | None],
    rule: Rule,
) -> list[CoveredDay]:
    """All days of a series, oldest first.

    Args:
        archived: those the archive has, whenever they were.
        standing: those it does not have, as `standings` gives them.
        failures: of which days a failure is on record; None where nobody can tell which.
        rule: as for `standings`.
    """
    absent = (_absent(day, status, failures, rule) for day, status in standing.items())
    return sorted([*archived, *absent], key=lambda covered: covered.day)


def _absent(day: date, status: DayStatus, failures: Mapping[date, Failure | None], rule: Rule) -> CoveredDay:
    failure = failures.get(day)
    has_failed = status is DayStatus.MISSING and day in failures
    return CoveredDay(
        day=day,
        status=DayStatus.FAILED if has_failed else status,
        gone_at=gone_at(day, rule.window),
        error=failure.error[:_LONGEST_TEXT] if failure else None,
        what=failure.what[:_LONGEST_TEXT] if failure else None,
    )


def totals(series: Iterable[SeriesCoverage]) -> Totals:
    """All their days, counted."""
    counts: Counter[str] = Counter()
    size_bytes = 0
    for covered in (day for one in series for day in one.days):
        counts[covered.status.name.lower()] += 1
        size_bytes += covered.size_bytes or 0
    return Totals(**counts, size_bytes=size_bytes)


def next_at_risk(series: Iterable[SeriesCoverage]) -> DayAtRisk | None:
    """Of all days that are not archived and can still be had, the one that the vendor drops first."""
    absent = (
        DayAtRisk(kind=one.kind, project_id=one.project_id, day=covered.day, gone_at=covered.gone_at)
        for one in series
        for covered in one.days
        if covered.gone_at and covered.status is not DayStatus.LOST
    )
    return min(absent, key=lambda day: (day.gone_at, day.project_id, day.kind), default=None)
