"""fetch-file: bring a finished export's file into the archive."""

from workspace_exports.archive.landing import find_landed, land
from workspace_exports.archive.store import open_store
from workspace_exports.contracts.events import Archived, ArchivedExport, ObservedExport, TaskStatus
from workspace_exports.entrypoint import entrypoint
from workspace_exports.errors import FileExpired, Rejected, TaskFailed
from workspace_exports.settings import FetchFileSettings
from workspace_exports.vendor.client import connect


def fetch_file(export: ObservedExport, settings: FetchFileSettings) -> ArchivedExport:
    """Lands the file and its manifest, unless the archive has the window already.

    Raises:
        Rejected: the task is not known to have ended.
        TaskFailed, FileExpired: the task has ended without a file.
        BadFile, ArchiveUnavailable: nothing has landed; the same call may be made again.
        TaskLost, Unauthorized, Throttled, VendorUnavailable: as the vendor answers.
    """
    store = open_store(settings.archive_url)
    archived = find_landed(store, export) or _fetch(export, settings)
    return ArchivedExport(**export.model_dump(), archived=archived)


def _fetch(export: ObservedExport, settings: FetchFileSettings) -> Archived:
    _require_success(export)
    client = connect(settings.sign_in(export.project_id))
    with client.open_file(export.task_id) as download:
        return land(
            open_store(settings.archive_url),
            export,
            download,
            announced_bytes=download.size_bytes,
            request_ids={"download": download.request_id} if download.request_id else {},
        )


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
