"""Which days the archive is to have, by kind and project: from a first day on, and those planned by hand."""

from collections import deque
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Event

from pydantic import Field, ValidationError

from workspace_exports.archive.layout import SeriesName, range_key, range_of, since_key, since_of, since_prefix
from workspace_exports.core.concurrency import PARALLEL, in_parallel
from workspace_exports.core.contract import Day, Record
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.coverage.targets import Series
from workspace_exports.storage.store import Store

Range = tuple[date, date]
"""Both ends inclusive."""


class Since(Record):
    """Written with the first plan, never changed."""

    first_day: Day


class PlannedRange(Record):
    """Written for days that a run by hand planned; its key says which.

    Not empty: an object of next to no bytes could be what a tool calls a folder, and `archive.lister` would look twice.
    """

    schema_version: int = Field(default=1, ge=1)


@dataclass(frozen=True, slots=True)
class Planned:
    """What was ever planned, as one listing tells.

    Attributes:
        begun: the series that have a first day.
        ranges: the days of single runs, by series; their keys say it all.
    """

    begun: frozenset[SeriesName]
    ranges: Mapping[SeriesName, AbstractSet[Range]]

    @property
    def series(self) -> frozenset[SeriesName]:
        """Every series of which anything was ever planned."""
        return self.begun.union(self.ranges)

    def days(self, series: SeriesName, first: date, last: date) -> set[date]:
        """The days that single runs planned of the series, of those from first to last."""
        spans = ((max(start, first), min(end, last)) for start, end in self.ranges.get(series, ()))
        return {start + timedelta(days=n) for start, end in spans for n in range((end - start).days + 1)}


def record_baseline(store: Store, first_days: Mapping[Series, date]) -> None:
    """Notes the first day that was planned of each, where none is noted yet; one listing tells.

    Raises:
        ArchiveUnavailable: not all could be noted.
    """
    notes = {since_key(_name(one)): Since(first_day=day).model_dump_json() for one, day in first_days.items()}
    _create_missing(store, notes)


def note_ranges(store: Store, ranges: Mapping[Series, Range]) -> None:
    """Notes which days a run by hand planned of each, where that is not noted yet; one listing tells.

    Raises:
        ArchiveUnavailable: not all could be noted.
    """
    text = PlannedRange().model_dump_json()
    _create_missing(store, {range_key(_name(one), *days): text for one, days in ranges.items()})


def _create_missing(store: Store, notes: Mapping[str, str]) -> None:
    noted = set(store.keys(since_prefix()))

    def note(new: tuple[str, str], _: Event) -> bool:
        key, text = new
        return store.create(key, text.encode())

    new = [(key, text) for key, text in notes.items() if key not in noted]
    deque(in_parallel(note, new, workers=PARALLEL), maxlen=0)


def _name(series: Series) -> SeriesName:
    return SeriesName.of(series.kind, series.project_id, series.filters)


def planned_series(store: Store) -> list[Series]:
    """Every kind and project that was ever planned, unfiltered; kinds of a later version are left out.

    Raises:
        ArchiveUnavailable: it cannot be listed.
    """
    return [Series(one.kind, one.project_id) for one in sorted(read_planned(store).series) if not one.filters_name]


def read_planned(store: Store, kind: str | None = None) -> Planned:
    """What was ever planned of that kind, by default of all, as far as this version could have planned it.

    Raises:
        ArchiveUnavailable: it cannot be listed.
    """
    keys = list(store.keys(since_prefix(kind)))
    ranges: dict[SeriesName, set[Range]] = {}
    for series, first, last in filter(None, map(range_of, keys)):
        ranges.setdefault(series, set()).add((first, last))
    return Planned(frozenset(filter(None, map(since_of, keys))), ranges)


def read_first_day(store: Store, series: SeriesName) -> date | None:
    """The first day that was ever planned of the series by a daily run; None if none was.

    Raises:
        ArchiveUnavailable: it cannot be read.
    """
    key = since_key(series)
    content = store.read(key)
    try:
        return None if content is None else Since.read(content).first_day
    except ValidationError as error:
        raise ArchiveUnavailable(f"{key!r} is not what this version can read") from error
