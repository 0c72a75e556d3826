"""Survey of the archive for a run's report: the outcome of every planned export, and the days that are missing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from threading import Event

from workspace_exports.archive.failures import read_failure
from workspace_exports.archive.layout import (
    SeriesName,
)
from workspace_exports.archive.manifests import find_manifest
from workspace_exports.archive.order_log import last_order
from workspace_exports.core.concurrency import in_parallel
from workspace_exports.coverage.baseline import read_planned
from workspace_exports.coverage.days import gone_at
from workspace_exports.coverage.ledger_record import DayStatus
from workspace_exports.coverage.outcomes import PlannedOutcome
from workspace_exports.coverage.plans import PlannedExport, read_plan
from workspace_exports.coverage.reports import MissingDay
from workspace_exports.coverage.standing import Judgement, Span, Standing, read_standing
from workspace_exports.coverage.targets import Series
from workspace_exports.exports import find_export
from workspace_exports.storage.store import Store

_WORKERS = 32
"""Number of threads; all of their time is spent waiting for small objects."""


def read_traces(store: Store, run: str, began_at: datetime) -> Iterator[PlannedOutcome]:
    """Yield the outcome of every export that the run planned, in no promised order.

    Raises:
        ArchiveUnavailable: there is no such plan, or an object cannot be read.
    """
    return in_parallel(partial(_trace, store, began_at), read_plan(store, run), workers=_WORKERS)


def _trace(store: Store, began_at: datetime, item: PlannedExport, _: Event) -> PlannedOutcome:
    """Return the outcome of one planned export.

    An export that had not settled is found by its last order, since the order's time is part of the manifest's key.
    Once the export has settled, a manifest from an earlier time does not stand for it.
    """
    export = item.placed(began_at)
    manifest = find_manifest(store, export)
    if manifest:
        return PlannedOutcome(item, manifest)
    order = last_order(store, export)
    if order and not find_export(export.kind).window.is_settled(export.window, began_at):
        manifest = find_manifest(store, order)
    return PlannedOutcome(item, manifest, read_failure(store, export), order)


@dataclass(frozen=True, slots=True)
class Missing:
    """Whole days that are to be in the archive and are not.

    Attributes:
        reachable: the number of them that the vendor still has.
        at_risk: the days among these that the vendor drops soon, oldest first.
        lost: the days that the vendor no longer has, oldest first.
    """

    reachable: int
    at_risk: list[MissingDay]
    lost: list[MissingDay]

    def lost_since(self, moment: datetime | None) -> int:
        """Return the number of lost days that the vendor still had at that moment; all lost days if it is None."""
        ends = (gone_at(day.day, find_export(day.kind).window) for day in self.lost)
        return sum(moment is None or end > moment for end in ends)


@dataclass(frozen=True, slots=True)
class Survey:
    """Result of reading the standing of every series.

    Attributes:
        missing: the days that the archive lacks.
        standings: the standings of as many series as fit, so that the page does not read them again.
    """

    missing: Missing
    classify_days: dict[SeriesName, Standing]


def survey(store: Store, series: Iterable[Series], judgement: Judgement, most_days: int) -> Survey:
    """Read the standing of every series as the ledger does, from its first day on.

    Args:
        store: the archive.
        series: the series that it is to have.
        judgement: the time, and the rule for missing days.
        most_days: the most days of the standings that are kept in memory.

    Raises:
        ArchiveUnavailable: the archive cannot be read.
    """
    planned, size = read_planned(store), 0
    found: list[Missing] = []
    kept: dict[SeriesName, Standing] = {}

    def look_at(name: SeriesName, _: Event) -> Standing:
        span = Span(date.min, judgement.newest_asked(name.kind))
        return read_standing(store, name, planned, span, judgement)

    names = (one.name for one in series)
    for standing in in_parallel(look_at, names, workers=_WORKERS):
        found.append(_missing(standing))
        size += standing.size
        if size <= most_days:
            kept[standing.series] = standing
    return Survey(_together(found), kept)


def _together(found: Sequence[Missing]) -> Missing:
    """Return all of them as one, oldest first."""
    return Missing(
        reachable=sum(one.reachable for one in found),
        at_risk=sorted((day for one in found for day in one.at_risk), key=str),
        lost=sorted((day for one in found for day in one.lost), key=str),
    )


def _missing(standing: Standing) -> Missing:
    series = standing.series
    named = {day: MissingDay(kind=series.kind, project_id=series.project_id, day=day) for day in standing.absent}
    at_risk, lost = (
        [named[day] for day, status in standing.absent.items() if status is danger]
        for danger in (DayStatus.AT_RISK, DayStatus.LOST)
    )
    return Missing(len(named) - len(lost), at_risk, lost)
