"""fetch-file: bring a finished export's file into the archive."""

from workspace_exports.archive.landing import find_landed, land
from workspace_exports.contracts.events import Archived, ArchivedExport, ObservedExport, Outcome, TaskStatus
from workspace_exports.deadline import Deadline
from workspace_exports.entrypoint import entrypoint
from workspace_exports.errors import ExportError, FileExpired, Rejected, TaskFailed, about
from workspace_exports.log import logger
from workspace_exports.settings import FetchFileSettings
from workspace_exports.vendor.client import WorkspaceClient, connect


def fetch_file(export: ObservedExport, settings: FetchFileSettings, deadline: Deadline) -> ArchivedExport:
    """Lands the file and its manifest, unless the archive has the window already.

    Raises:
        Rejected: the task is not known to have ended.
        TaskFailed, FileExpired: the task has ended without a file.
        BadFile, ArchiveUnavailable: nothing has landed; the same call may be made again.
        TaskLost, Unauthorized, Throttled, VendorUnavailable: as the vendor answers.
    """
    store = settings.open_archive()
    archived = find_landed(store, export) or _fetch(export, settings, deadline)
    return ArchivedExport(**export.model_dump(), archived=archived)


def _fetch(export: ObservedExport, settings: FetchFileSettings, deadline: Deadline) -> Archived:
    _require_success(export)
    client = connect(settings.sign_in(export.project_id), deadline, settings.retry)
    with client.open_file(export.task_id) as download, about(vendor_request_id=download.request_id):
        archived = land(
            settings.open_archive(),
            export,
            download,
            announced_bytes=download.size_bytes,
            request_ids={"download": download.request_id} if download.request_id else {},
        )
    if settings.delete_after_landing and archived.outcome is Outcome.LANDED:
        _delete(client, export.task_id)
    return archived


def _delete(client: WorkspaceClient, task_id: str) -> None:
    """The file is archived; that the vendor's copy could not be removed is no reason to fail."""
    try:
        client.delete_task(task_id)
    except ExportError as error:
        logger.warning("task not deleted", task_id=task_id, error=type(error).__name__, detail=str(error))


def _require_success(export: ObservedExport) -> None:
    match export.status:
        case TaskStatus.SUCCESS:
            return
        case TaskStatus.FAIL:
            raise TaskFailed(
                "The vendor ended the task with FAIL", vendor_code=export.error_code, vendor_reason=export.fail_reason
            )
        case TaskStatus.EXPIRED:
            raise FileExpired("The vendor's task list says EXPIRED")
        case _:
            raise Rejected("The task is not known to have ended: call poll-status until it says SUCCESS")


handler = entrypoint(fetch_file, ObservedExport, FetchFileSettings)
