"""Status of the days of one kind and project: archived, lost, at risk, failed, or missing."""

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
"""Distance kept from the far edge of the vendor's window, which moves on during a run."""


def days_to_cover(first: date | None, last: date | None, window: WindowRule, now: datetime) -> tuple[date, date]:
    """Return the range asked for, with open bounds set to the furthest day within reach; both ends inclusive.

    The margins at the edges apply to open bounds only: a caller who names a day means it.

    Args:
        first: None for the oldest day the vendor will still have when the run gets to it.
        last: None for the newest day whose data can be trusted to be complete.
        window: how far back the vendor reaches, and when a day is complete; never a snapshot's.
        now: the time of the plan.

    Raises:
        Rejected: the vendor no longer has a day that was named, that day is not over, or the only bound is a first day
            that may still gain data.
    """
    oldest, newest = oldest_day(window, now), now.date() - _A_DAY
    for name, day in (("first_day", first), ("last_day", last)):
        if day and day < oldest:
            raise Rejected(f"{name} {day} is out of the vendor's reach: the oldest day it has is {oldest}")
        if day and day > newest:
            raise Rejected(f"{name} {day} is not over: the newest whole day is {newest}")
    settled = settled_day(window, now)
    if first and not last and first > settled:
        raise Rejected(
            f"first_day {first} may still gain data until {settled + 2 * _A_DAY}: give last_day to order it now"
        )
    return first or oldest_day(window, now + MARGIN), last or settled


def oldest_day(window: WindowRule, now: datetime) -> date:
    """Return the oldest whole day that the vendor has at that time."""
    return _first_whole_day(now - timedelta(days=window.last_days))


def settled_day(window: WindowRule, now: datetime) -> date:
    """Return the newest whole day whose data can be trusted to be complete at that time."""
    return (now - window.settles_after).date() - _A_DAY


def missing_days(archived: AbstractSet[date], first: date, last: date) -> list[date]:
    """Return every day from first to last that is not archived, oldest first: the oldest is the next to be lost."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day not in archived]


def _first_whole_day(earliest: datetime) -> date:
    """Return the first day that starts at that moment or after it."""
    day = earliest.date()
    return day if datetime.combine(day, time(), UTC) == earliest else day + _A_DAY


def days_at_risk(missing: Iterable[date], window: WindowRule, now: datetime, within: timedelta) -> list[date]:
    """Return the missing days that the vendor has now and will have dropped once that time has passed."""
    return sorted(day for day in missing if now <= gone_at(day, window) < now + within)


def gone_at(day: date, window: WindowRule) -> datetime:
    """Return the time until which the vendor has that day."""
    return datetime.combine(day, time(), UTC) + timedelta(days=window.last_days)


_LONGEST_TEXT = 300


@dataclass(frozen=True, slots=True)
class DayPolicy:
    """Rule that decides the status of a day that is not archived.

    Attributes:
        window: how far back the vendor reaches.
        now: the time of the judgement.
        at_risk_days: the number of days before its loss from which on a missing day is at risk.
        kept_days: the number of days that the archive keeps; 0 for forever. Older days are neither missing nor lost.
    """

    window: WindowRule
    now: datetime
    at_risk_days: int
    kept_days: int = 0

    def due_from(self, since: date) -> date:
        """Return the day from which on the archive is to be complete now."""
        return max(since, self.now.date() - timedelta(days=self.kept_days)) if self.kept_days else since


def classify_days(
    since: date | None,
    archived: AbstractSet[date],
    last: date,
    rule: DayPolicy,
    others: AbstractSet[date] = frozenset(),
) -> dict[date, DayStatus]:
    """Return the status of every day that was to be archived and is not, oldest first: lost, at risk or missing.

    Args:
        since: the day from which on the archive is to be complete; None if no daily run has planned anything.
        archived: the days that the archive has.
        last: the newest day of that range.
        rule: the rule that decides.
        others: days outside of that range that were asked for: a manual run planned them, or an attempt failed.
    """
    due = set(missing_days(archived, rule.due_from(since), last)) if since else set()
    due |= {day for day in others - archived if day == rule.due_from(day)}
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
    rule: DayPolicy,
) -> list[CoveredDay]:
    """Return all days of a series, oldest first.

    Args:
        archived: the days that the archive has, of any date.
        standing: the days that it does not have, as `classify_days` returns them.
        failures: the days with a failure on record; None for a failure that was not read or not understood.
        rule: as for `classify_days`.
    """
    absent = (_absent(day, status, failures, rule) for day, status in standing.items())
    return sorted([*archived, *absent], key=lambda covered: covered.day)


def _absent(day: date, status: DayStatus, failures: Mapping[date, Failure | None], rule: DayPolicy) -> CoveredDay:
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
    """Return the counts of all their days, and the size of all their files."""
    counts: Counter[str] = Counter()
    size_bytes = 0
    for covered in (day for one in series for day in one.days):
        counts[covered.status.name.lower()] += 1
        size_bytes += covered.size_bytes or 0
    return Totals(**counts, size_bytes=size_bytes)


def next_at_risk(series: Iterable[SeriesCoverage]) -> DayAtRisk | None:
    """Return the day that the vendor drops first, of all days that are neither archived nor lost."""
    absent = (
        DayAtRisk(kind=one.kind, project_id=one.project_id, day=covered.day, gone_at=covered.gone_at)
        for one in series
        for covered in one.days
        if covered.gone_at and covered.status is not DayStatus.LOST
    )
    return min(absent, key=lambda day: (day.gone_at, day.project_id, day.kind), default=None)
