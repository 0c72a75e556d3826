"""From which day on the archive is to be complete, by kind and project. Earlier days are not its business."""

from datetime import date

from pydantic import ConfigDict, ValidationError

from workspace_exports.archive.keys import since_key
from workspace_exports.archive.store import Store
from workspace_exports.contracts.base import Contract, Day
from workspace_exports.errors import ArchiveUnavailable


class Since(Contract):
    """Written with the first plan, never changed."""

    model_config = ConfigDict(extra="ignore")

    first_day: Day


def note_since(store: Store, kind: str, project_id: str, first_day: date) -> bool:
    """Notes the first day that was ever planned; False, and nothing changes, where one is noted already.

    Raises:
        ArchiveUnavailable: it cannot be noted.
    """
    return store.create(since_key(kind, project_id), Since(first_day=first_day).model_dump_json().encode())


def read_since(store: Store, kind: str, project_id: str) -> date | None:
    """The first day that was ever planned; None if none was.

    Raises:
        ArchiveUnavailable: it cannot be read.
    """
    content = store.read(since_key(kind, project_id))
    try:
        return None if content is None else Since.model_validate_json(content).first_day
    except ValidationError as error:
        raise ArchiveUnavailable(f"{since_key(kind, project_id)!r} is not what this version can read") from error
