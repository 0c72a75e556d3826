"""Failures in the archive: the last one of each export, so that a report can say why a day is missing."""

from pydantic import ValidationError

from workspace_exports.archive.failure_record import Failure
from workspace_exports.archive.layout import failure_key
from workspace_exports.events import PlacedExport
from workspace_exports.storage.store import Store


def write_failure(store: Store, export: PlacedExport, failure: Failure) -> None:
    """Keeps the failure in the place of an earlier one.

    Raises:
        ArchiveUnavailable: it cannot be kept.
    """
    store.replace(failure_key(export), failure.model_dump_json(indent=2, exclude_none=True).encode())


def read_failure(store: Store, export: PlacedExport) -> Failure | None:
    """Why the last attempt at the export failed; None if none did, or the record cannot be understood.

    Whether the export has landed since, only its manifest tells.

    Raises:
        ArchiveUnavailable: the archive cannot be read.
    """
    return read_failure_under(store, failure_key(export))


def read_failure_under(store: Store, key: str) -> Failure | None:
    """The same, of a failure whose key is known.

    Raises:
        ArchiveUnavailable: the archive cannot be read.
    """
    try:
        return Failure.read(store.read(key) or b"")
    except ValidationError:
        return None
