"""How the days of one kind and project stand: archived, lost, at risk, failed, or merely missing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from workspace_exports.archive.failure_record import Failure
from workspace_exports.coverage.coverage_record import CoveredDay, DayAtRisk, DayStatus, SeriesCoverage, Totals
from workspace_exports.coverage.losses import days_at_risk, gone_at
from workspace_exports.coverage.missing import missing_days, oldest_day
from workspace_exports.exports import WindowRule

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
