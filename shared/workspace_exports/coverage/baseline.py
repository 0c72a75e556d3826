"""Records of the days that the archive is to have, by series: from a first day on, and those planned by hand."""

from collections import deque
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Event

from pydantic import Field, ValidationError

from workspace_exports.archive.layout import (
    SeriesName,
    baseline_key,
    baselines_prefix,
    range_key,
    range_of,
    series_of_baseline,
)
from workspace_exports.core.concurrency import PARALLEL, in_parallel
from workspace_exports.core.contract import Day, Record
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.coverage.targets import Series
from workspace_exports.storage.store import Store

Range = tuple[date, date]
"""First and last day, both inclusive."""


class Baseline(Record):
    """First day of a series, written with its first plan and never changed."""

    first_day: Day


class PlannedRange(Record):
    """Record of days that a manual run planned; its key names the days.

    It is not empty: a nearly empty object could be what a tool calls a folder, and `storage.listing` would list twice.
    """

    schema_version: int = Field(default=1, ge=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """Series and days that were ever planned, from one listing.

    Attributes:
        begun: the series that have a first day.
        ranges: the days of manual runs, by series; taken from the keys alone.
    """

    begun: frozenset[SeriesName]
    ranges: Mapping[SeriesName, AbstractSet[Range]]

    @property
    def series(self) -> frozenset[SeriesName]:
        """Series of which any day was ever planned."""
        return self.begun.union(self.ranges)

    def days(self, series: SeriesName, first: date, last: date) -> set[date]:
        """Return the days from first to last that manual runs planned of the series."""
        spans = ((max(start, first), min(end, last)) for start, end in self.ranges.get(series, ()))
        return {start + timedelta(days=n) for start, end in spans for n in range((end - start).days + 1)}


def record_baseline(store: Store, first_days: Mapping[Series, date]) -> None:
    """Record the first day planned of each series, unless one is recorded already; one listing shows that.

    Raises:
        ArchiveUnavailable: not all could be recorded.
    """
    notes = {baseline_key(one.name): Baseline(first_day=day).model_dump_json() for one, day in first_days.items()}
    _create_missing(store, notes)


def record_ranges(store: Store, ranges: Mapping[Series, Range]) -> None:
    """Record the days that a manual run planned of each series, unless recorded already; one listing shows that.

    Raises:
        ArchiveUnavailable: not all could be recorded.
    """
    text = PlannedRange().model_dump_json()
    _create_missing(store, {range_key(one.name, *days): text for one, days in ranges.items()})


def _create_missing(store: Store, notes: Mapping[str, str]) -> None:
    noted = set(store.keys(baselines_prefix()))

    def note(new: tuple[str, str], _: Event) -> bool:
        key, text = new
        return store.create(key, text.encode())

    new = [(key, text) for key, text in notes.items() if key not in noted]
    deque(in_parallel(note, new, workers=PARALLEL), maxlen=0)


def planned_series(store: Store) -> list[Series]:
    """Return every unfiltered series that was ever planned; kinds of a later version are left out.

    Raises:
        ArchiveUnavailable: it cannot be listed.
    """
    return [Series(one.kind, one.project_id) for one in sorted(read_planned(store).series) if not one.filters_name]


def read_planned(store: Store, kind: str | None = None) -> Planned:
    """Return all that was ever planned of that kind, by default of all, as far as this version could have planned it.

    Raises:
        ArchiveUnavailable: it cannot be listed.
    """
    keys = list(store.keys(baselines_prefix(kind)))
    ranges: dict[SeriesName, set[Range]] = {}
    for series, first, last in filter(None, map(range_of, keys)):
        ranges.setdefault(series, set()).add((first, last))
    return Planned(frozenset(filter(None, map(series_of_baseline, keys))), ranges)


def read_baseline(store: Store, series: SeriesName) -> date | None:
    """Return the first day of the series that a daily run ever planned; None if there is none.

    Raises:
        ArchiveUnavailable: it cannot be read.
    """
    key = baseline_key(series)
    content = store.read(key)
    try:
        return None if content is None else Baseline.read(content).first_day
    except ValidationError as error:
        raise ArchiveUnavailable(f"{key!r} is not what this version can read") from error
