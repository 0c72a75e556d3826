"""Record why an export failed."""

from typing import Protocol

from workspace_exports import metrics
from workspace_exports.archive.execution_failure import FailedExecution
from workspace_exports.archive.failures import Failure, RecordedFailure, write_failure
from workspace_exports.core.clock import utc_now
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.core.log import logger
from workspace_exports.events import ExportRequest, PlacedExport
from workspace_exports.storage.store import Store


class FailureAccess(Protocol):
    """Access to the archive, and the project of a request that names none."""

    def open_archive(self) -> Store:
        """Return the archive's storage."""

    @property
    def default_project_id(self) -> str | None:
        """Id of the default project; None if it is not set."""


def record_failure(failed: FailedExecution, settings: FailureAccess, _deadline: Deadline) -> RecordedFailure:
    """Return the failure of an execution with any request and any error, and keep it in the archive.

    If the archive refuses it, the refusal is logged and the failure is returned all the same.
    """
    failure = failed.failure(settings.default_project_id, utc_now())
    metrics.count_failure(failure.kind)
    export = failed.export
    if export and failure.project_id:
        _keep(settings.open_archive(), _placed(export, failure, failure.project_id), failure)
    return RecordedFailure(**failure.model_dump(), cause=failure.text)


def _placed(export: ExportRequest, failure: Failure, project_id: str) -> PlacedExport:
    asked_for = export.model_dump(include=set(ExportRequest.model_fields))
    return PlacedExport.model_validate(asked_for | {"project_id": project_id, "ordered_at": failure.at})


def _keep(store: Store, export: PlacedExport, failure: Failure) -> None:
    try:
        write_failure(store, export, failure)
    except ArchiveUnavailable as error:
        logger.warning("failure not recorded", detail=str(error))
