"""From which day on the archive is to be complete, by kind and project. Earlier days are not its business."""

from collections import deque
from collections.abc import Mapping
from datetime import date
from threading import Event

from pydantic import ValidationError

from workspace_exports.archive.keys import SeriesName, since_key, since_of, since_prefix
from workspace_exports.archive.parallel import PARALLEL, in_parallel
from workspace_exports.archive.store import Store
from workspace_exports.contracts.base import Day, Record
from workspace_exports.contracts.targets import Series
from workspace_exports.errors import ArchiveUnavailable
from workspace_exports.exports import NO_FILTERS, Filters


class Since(Record):
    """Written with the first plan, never changed."""

    first_day: Day


def note_since(store: Store, first_days: Mapping[Series, date]) -> None:
    """Notes the first day that was planned of each, where none is noted yet; one listing tells.

    Raises:
        ArchiveUnavailable: not all could be noted.
    """
    noted = set(store.keys(since_prefix()))

    def note(new: tuple[str, date], _: Event) -> bool:
        key, first_day = new
        return store.create(key, Since(first_day=first_day).model_dump_json().encode())

    names = {one: SeriesName.of(one.kind, one.project_id, one.filters) for one in first_days}
    first_by_key = {since_key(names[one]): first for one, first in first_days.items()}
    new = [(key, first) for key, first in first_by_key.items() if key not in noted]
    deque(in_parallel(note, new, workers=PARALLEL), maxlen=0)


def planned_series(store: Store) -> list[Series]:
    """Every kind and project that was ever planned, unfiltered; kinds of a later version are left out.

    Raises:
        ArchiveUnavailable: it cannot be listed.
    """
    return [Series(one.kind, one.project_id) for one in noted_series(store) if not one.filters_name]


def noted_series(store: Store, kind: str | None = None) -> list[SeriesName]:
    """Every series of that kind, by default of all, that was ever planned, and that this version could have planned.

    Raises:
        ArchiveUnavailable: it cannot be listed.
    """
    return [one for key in store.keys(since_prefix(kind)) if (one := since_of(key))]


def read_since(store: Store, kind: str, project_id: str, filters: Filters = NO_FILTERS) -> date | None:
    """The first day that was ever planned; None if none was.

    Raises:
        ArchiveUnavailable: it cannot be read.
    """
    return read_first_day(store, SeriesName.of(kind, project_id, filters))


def read_first_day(store: Store, series: SeriesName) -> date | None:
    """The same, of a series that is known by its name.

    Raises:
        ArchiveUnavailable: it cannot be read.
    """
    key = since_key(series)
    content = store.read(key)
    try:
        return None if content is None else Since.read(content).first_day
    except ValidationError as error:
        raise ArchiveUnavailable(f"{key!r} is not what this version can read") from error
