"""Archives made of manifests and failures alone, for tests of the coverage ledger."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from tests.support.builders.examples import NOW, PROJECT_ID, TASK_ID
from workspace_exports.archive.failures import Failure
from workspace_exports.archive.layout import SeriesName, failures_prefix, manifests_prefix
from workspace_exports.archive.manifests import Manifest
from workspace_exports.core.deadline import Deadline
from workspace_exports.coverage.ledger import LedgerLimits, read_coverage
from workspace_exports.coverage.ledger_record import (
    Coverage,
    CoverageRequest,
    CoveredDay,
)
from workspace_exports.coverage.targets import Series
from workspace_exports.storage.store import Store

A_DAY = timedelta(days=1)
YESTERDAY = NOW.date() - A_DAY
"""Settled at NOW, for every kind but usage."""


def put_manifest(store: Store, series: SeriesName, name: str, **changes: Any) -> str:
    """Under that name, filters and all; its key."""
    content = {
        "kind": series.kind,
        "project_id": series.project_id,
        "window": {},
        "filters": {},
        "outcome": "landed",
        "task_id": TASK_ID,
        "file_name": "records.xlsx",
        "key": "data/some.xlsx",
        "size_bytes": 100,
        "sha256": "0" * 64,
        "format": "xlsx",
        "ordered_at": NOW,
        "landed_at": NOW,
        "vendor_request_ids": {},
    }
    key = f"{manifests_prefix(series.kind, series.project_id)}{name}.json"
    store.replace(key, Manifest.model_validate(content | changes).model_dump_json().encode())
    return key


def put_days(store: Store, series: SeriesName, days: Iterable[date], **changes: Any) -> None:
    """Whole days, with the filters in the series' name."""
    for day in days:
        put_manifest(store, series, f"day={day}{series.filters_name}", **changes)


def put_failure(store: Store, series: SeriesName, day: date, **changes: Any) -> None:
    """The last attempt at that day."""
    failure = Failure.model_validate({"error": "TaskFailed", "what": "It said FAIL", "advice": "", "at": NOW} | changes)
    key = f"{failures_prefix(series.kind, series.project_id)}day={day}{series.filters_name}.json"
    store.replace(key, failure.model_dump_json().encode())


def terms(now: datetime = NOW, **changes: Any) -> LedgerLimits:
    """With room for everything."""
    room: dict[str, Any] = {
        "most_days": 10_000,
        "most_manifests": 10_000,
        "most_failures": 10_000,
        "deadline": Deadline.after(600),
    }
    return LedgerLimits(now=now, at_risk_days=7, **room | changes)


def look(
    store: Store, request: Mapping[str, Any] | None = None, configured: Iterable[Series] = (), **changes: Any
) -> Coverage:
    """The ledger of that archive."""
    return read_coverage(store, configured, CoverageRequest.model_validate(request or {}), terms(**changes))


def days_of(coverage: Coverage, series: SeriesName) -> dict[date, CoveredDay]:
    """The days of one series; it must be there, once."""
    (found,) = (
        one
        for one in coverage.series
        if SeriesName(one.project_id, one.kind, f".{one.filters}" if one.filters else "") == series
    )
    return {day.day: day for day in found.days}


RECORDS = SeriesName(PROJECT_ID, "connection-records")
DESKTOPS = SeriesName(PROJECT_ID, "desktops")
FILTERS: dict[str, Any] = {"terminal_type": "Windows 10"}
FILTERED = SeriesName.of("connection-records", PROJECT_ID, FILTERS)
