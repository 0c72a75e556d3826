"""From which day on the archive is to be complete, by kind and project. Earlier days are not its business."""

from collections import deque
from collections.abc import Mapping
from datetime import date
from threading import Event

from pydantic import ConfigDict, ValidationError

from workspace_exports.archive.keys import SINCE_PREFIX, since_key, since_of
from workspace_exports.archive.parallel import PARALLEL, in_parallel
from workspace_exports.archive.store import Store
from workspace_exports.contracts.base import Contract, Day
from workspace_exports.contracts.targets import Series
from workspace_exports.errors import ArchiveUnavailable
from workspace_exports.exports import EXPORTS, NO_FILTERS, Filters


class Since(Contract):
    """Written with the first plan, never changed."""

    model_config = ConfigDict(extra="ignore")

    first_day: Day


def note_since(store: Store, first_days: Mapping[Series, date]) -> None:
    """Notes the first day that was planned of each, where none is noted yet; one listing tells.

    Raises:
        ArchiveUnavailable: not all could be noted.
    """
    noted = set(store.keys(SINCE_PREFIX))

    def note(new: tuple[str, date], _: Event) -> bool:
        key, first_day = new
        return store.create(key, Since(first_day=first_day).model_dump_json().encode())

    first_by_key = {since_key(one.kind, one.project_id, one.filters): first for one, first in first_days.items()}
    new = [(key, first) for key, first in first_by_key.items() if key not in noted]
    deque(in_parallel(note, new, workers=PARALLEL), maxlen=0)


def planned_series(store: Store) -> list[Series]:
    """Every kind and project that was ever planned, unfiltered; kinds of a later version are left out.

    Raises:
        ArchiveUnavailable: it cannot be listed.
    """
    pairs = (since_of(key) for key in store.keys(SINCE_PREFIX))
    return [Series(kind, project_id) for kind, project_id in filter(None, pairs) if kind in EXPORTS]


def read_since(store: Store, kind: str, project_id: str, filters: Filters = NO_FILTERS) -> date | None:
    """The first day that was ever planned; None if none was.

    Raises:
        ArchiveUnavailable: it cannot be read.
    """
    key = since_key(kind, project_id, filters)
    content = store.read(key)
    try:
        return None if content is None else Since.model_validate_json(content).first_day
    except ValidationError as error:
        raise ArchiveUnavailable(f"{key!r} is not what this version can read") from error
