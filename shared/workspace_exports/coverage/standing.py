"""Standing of one series, from listings alone: the one source of reports, metrics, ledger and page."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self

from workspace_exports.archive.layout import (
    SeriesName,
    day_lower_bound,
    failures_prefix,
    manifests_prefix,
    snapshot_day,
    snapshot_lower_bound,
    whole_day,
)
from workspace_exports.coverage.baseline import Planned, read_baseline
from workspace_exports.coverage.days import DayPolicy, classify_days, settled_day
from workspace_exports.coverage.ledger_record import DayStatus
from workspace_exports.exports import find_export
from workspace_exports.storage.foreign_keys import only_ours
from workspace_exports.storage.store import Store
from workspace_exports.storage.stored_objects import StoredObject

_A_DAY = timedelta(days=1)


class Span(NamedTuple):
    """Range of days, both ends inclusive."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Judgement:
    """Time at which the archive is read, and the rule by which missing days are judged.

    Attributes:
        now: when the archive is read.
        at_risk_days: the number of days before its loss from which on a missing day is at risk.
        kept_days: the number of days that the archive keeps; 0 for forever.
    """

    now: datetime
    at_risk_days: int
    kept_days: int = 0

    def rule(self, kind: str) -> DayPolicy:
        """Return the rule for days of that kind."""
        return DayPolicy(find_export(kind).window, self.now, self.at_risk_days, self.kept_days)

    def newest_day(self, kind: str) -> date:
        """Return the newest day that is to be archived: the last settled day, or today for a snapshot."""
        window = find_export(kind).window
        return settled_day(window, self.now) if window.has_days else self.now.date()

    def newest_asked(self, kind: str) -> date:
        """Return the newest day that can have been asked for: the last day that is over, or today for a snapshot."""
        return self.now.date() - _A_DAY if find_export(kind).window.has_days else self.now.date()


@dataclass(frozen=True, slots=True)
class Standing:
    """One series in a range of days, before any manifest is read.

    Attributes:
        since: the day from which on the archive is to be complete; None if no daily run has planned the series.
        archived: the archived days, each with its manifest.
        absent: every other day that is to be there: from `since` on, planned by hand, or with a failure on record.
        failures: the keys of the failures on record of absent days.
    """

    series: SeriesName
    since: date | None
    archived: dict[date, StoredObject]
    absent: dict[date, DayStatus]
    failures: dict[date, str]

    @property
    def size(self) -> int:
        """Number of days that it has to show."""
        return len(self.archived) + len(self.absent)

    @property
    def is_unplanned(self) -> bool:
        """True for a series of days that no daily run has planned."""
        return self.since is None and find_export(self.series.kind).window.has_days

    def within(self, span: Span) -> Self:
        """Return the standing without the days outside of that range."""
        first, last = span
        return replace(
            self,
            archived={day: stored for day, stored in self.archived.items() if first <= day <= last},
            absent={day: status for day, status in self.absent.items() if first <= day <= last},
            failures={day: key for day, key in self.failures.items() if first <= day <= last},
        )


def read_standing(store: Store, series: SeriesName, planned: Planned, span: Span, judgement: Judgement) -> Standing:
    """List the series' manifests and failures, and judge the days that are not archived.

    Args:
        store: the archive.
        series: the series, planned or not.
        planned: the series and days that were ever planned.
        span: the days to list.
        judgement: the time, and the rule for missing days.

    Raises:
        ArchiveUnavailable: the archive cannot be read.
    """
    if not find_export(series.kind).window.has_days:
        return Standing(series, None, _snapshots(store, series, span), {}, {})
    archived = _manifests(store, series, span)
    failures = {day: key for day, key in _failures(store, series, span).items() if day not in archived}
    since = read_baseline(store, series) if series in planned.begun else None
    last = min(span.last, judgement.newest_day(series.kind))
    others = failures.keys() | planned.days(series, *span)
    due = classify_days(since and max(since, span.first), archived.keys(), last, judgement.rule(series.kind), others)
    return Standing(series, since, archived, due, {day: key for day, key in failures.items() if day in due})


def _manifests(store: Store, series: SeriesName, span: Span) -> dict[date, StoredObject]:
    prefix = manifests_prefix(series.kind, series.project_id)
    listed = only_ours(
        store.objects(prefix, day_lower_bound(prefix, span.first), day_lower_bound(prefix, span.last + _A_DAY))
    )
    return {day: stored for stored in listed if (day := whole_day(stored.key, series.filters_name))}


def _snapshots(store: Store, series: SeriesName, span: Span) -> dict[date, StoredObject]:
    """Return the last snapshot that was ordered on each day, if any."""
    prefix = manifests_prefix(series.kind, series.project_id)
    listed = store.objects(
        prefix, snapshot_lower_bound(prefix, span.first), snapshot_lower_bound(prefix, span.last + _A_DAY)
    )
    in_order = sorted(only_ours(listed), key=lambda stored: stored.key)
    return {day: stored for stored in in_order if (day := snapshot_day(stored.key, series.filters_name))}


def _failures(store: Store, series: SeriesName, span: Span) -> dict[date, str]:
    """Return the keys of the failures on record of those days."""
    prefix = failures_prefix(series.kind, series.project_id)
    listed = store.objects(prefix, day_lower_bound(prefix, span.first), day_lower_bound(prefix, span.last + _A_DAY))
    return {day: stored.key for stored in listed if (day := whole_day(stored.key, series.filters_name))}
