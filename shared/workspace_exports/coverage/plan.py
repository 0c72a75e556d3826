"""Plan of the days that are missing from the archive and can still be exported."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import islice, repeat
from threading import Event
from typing import Protocol

from workspace_exports.archive.layout import new_run
from workspace_exports.archive.manifests import archived_days
from workspace_exports.core.clock import utc_now
from workspace_exports.core.concurrency import in_parallel
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import about
from workspace_exports.core.log import logger
from workspace_exports.coverage.baseline import record_baseline, record_ranges
from workspace_exports.coverage.days import days_to_cover, missing_days
from workspace_exports.coverage.plans import (
    MOST_PLANNED,
    PlannedExport,
    PlannedRun,
    PlanRequest,
    asked_for,
    execution_name,
    plan_location,
    write_plan,
)
from workspace_exports.coverage.targets import Series, Target
from workspace_exports.exports import find_export
from workspace_exports.storage.store import Store

LISTED_AT_ONCE = 32
"""Number of listings at once. A listing is all waiting: the storage answers thousands of them a second."""

Range = tuple[date, date]


class PlanningAccess(Protocol):
    """Access to the archive, and to the projects and kinds that belong in it."""

    def open_archive(self) -> Store:
        """Return the archive's storage."""

    def targets(self) -> tuple[Target, ...]:
        """Return the projects to archive."""


def plan_archive(request: PlanRequest, settings: PlanningAccess, _deadline: Deadline) -> PlannedRun:
    """Write a plan of all missing days, the next to be lost first, from one listing per project and kind.

    Raises:
        Rejected: an explicit range has days that cannot be exported, or the request is for a series that no target has.
        ArchiveUnavailable: the manifests cannot be listed, or the plan cannot be written.
        Misconfigured: the list of targets is invalid.
        Misconfigured, Unauthorized, Throttled, VendorUnavailable: no project is set, and it cannot be looked up.
    """
    store, now = settings.open_archive(), utc_now()
    run = new_run(now)
    correlation_id = request.correlation_id or run
    logger.set_correlation_id(correlation_id)
    series, ranges = _scope(request, settings, now)
    if request.first_day is None:
        record_baseline(store, {one: ranges[one.kind][0] for one in series})
    else:
        record_ranges(store, {one: ranges[one.kind] for one in series})
    gaps = _gaps(store, series, ranges)
    items = (_planned(one, now, day, correlation_id) for one, day in islice(_next_lost_first(gaps), MOST_PLANNED))
    planned = write_plan(store, run, items)
    missing = sum(map(len, gaps.values()))
    return PlannedRun(
        run=run,
        planned=planned,
        postponed=missing - planned,
        plan=plan_location(store, run),
        correlation_id=correlation_id,
    )


def preview_plan(request: PlanRequest, settings: PlanningAccess, now: datetime) -> Iterator[tuple[Series, date]]:
    """Return the missing days in the order in which a run would export them; nothing is written.

    Raises:
        Rejected, ArchiveUnavailable, Misconfigured, Unauthorized, Throttled, VendorUnavailable: as `plan_archive`.
    """
    series, ranges = _scope(request, settings, now)
    return _next_lost_first(_gaps(settings.open_archive(), series, ranges))


def _scope(request: PlanRequest, settings: PlanningAccess, now: datetime) -> tuple[list[Series], dict[str, Range]]:
    """Return the series that the request is for, and the days of each kind."""
    series = asked_for(settings.targets(), request)
    return series, {kind: _range(kind, request, now) for kind in {one.kind for one in series}}


def _range(kind: str, request: PlanRequest, now: datetime) -> Range:
    with about(kind=kind):
        return days_to_cover(request.first_day, request.last_day, find_export(kind).window, now)


def _gaps(store: Store, series: list[Series], ranges: Mapping[str, Range]) -> dict[Series, list[date]]:
    """Return the missing days of each series; all series are listed in parallel."""

    def gap(one: Series, _: Event) -> tuple[Series, list[date]]:
        first, last = ranges[one.kind]
        archived = archived_days(store, one.name, first, last)
        return one, missing_days(archived, first, last)

    return dict(in_parallel(gap, series, workers=LISTED_AT_ONCE))


def _next_lost_first(gaps: Mapping[Series, list[date]]) -> Iterator[tuple[Series, date]]:
    """Yield the missing days by the day on which the vendor drops them: a kind that reaches far back can wait."""
    return merge(*(zip(repeat(one), days, strict=False) for one, days in gaps.items()), key=_lost_on)


def _lost_on(missing: tuple[Series, date]) -> tuple[date, date]:
    series, day = missing
    return day + timedelta(days=find_export(series.kind).window.last_days), day


def _planned(series: Series, now: datetime, day: date, correlation_id: str) -> PlannedExport:
    export = series.of(day).model_copy(update={"correlation_id": correlation_id})
    return PlannedExport(name=execution_name(series, day, now.date()), export=export)
