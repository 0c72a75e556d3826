"""Fetch the file of a finished export into the archive."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from workspace_exports import metrics
from workspace_exports.archive.landing import find_landed, land, land_empty, may_be_empty, remove_leftovers
from workspace_exports.archive.order_log import find_order, is_same_export, release_window
from workspace_exports.archive.statements import forget_statement_of_landed, note_statement
from workspace_exports.client.suppliers import Supplier, open_supplier
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import (
    NO_BYTES,
    NO_DATA,
    BadFile,
    ExportError,
    FileExpired,
    OrderAgain,
    Rejected,
    TaskFailed,
    about,
)
from workspace_exports.core.log import logger
from workspace_exports.events import Archived, ArchivedExport, ObservedExport, Outcome, TaskStatus
from workspace_exports.lifecycle.lost_task import lost
from workspace_exports.lifecycle.needs import LandingAccess
from workspace_exports.storage.store import Store


def fetch_file(
    export: ObservedExport,
    settings: LandingAccess,
    deadline: Deadline,
    check_size: Callable[[int | None], None] = lambda _: None,
) -> ArchivedExport:
    """Land the file and its manifest, unless the archive has the window already.

    Args:
        export: an ordered export, with or without a status check.
        settings: the function's.
        deadline: the invocation's.
        check_size: takes the announced or estimated size, None where there is none; an error that it raises ends the
            fetch.

    Raises:
        Rejected: the vendor is still making the file; or the task was ordered for another export or was revoked.
        TaskFailed, FileExpired, TaskLost: there is no file and will be none; the next start places a new order.
        BadFile: nothing has landed; the same call may be retried. Where the vendor's file itself is bad, the next
            start places a new order. A statement of two tasks counts: no bytes, no data, or a file of another type.
        ArchiveUnavailable: nothing has landed; the same call may be retried.
        Unauthorized, Throttled, VendorUnavailable: as the vendor answers.
    """
    began_at = utc_now()
    store = settings.open_archive()
    archived = find_landed(store, export)
    if archived is None:
        export, archived = _fetch(export, store, settings, deadline, check_size)
    remove_leftovers(store, export, written_before=began_at)
    return ArchivedExport(**export.model_dump(), archived=archived)


def _fetch(
    export: ObservedExport,
    store: Store,
    settings: LandingAccess,
    deadline: Deadline,
    check_size: Callable[[int | None], None],
) -> tuple[ObservedExport, Archived]:
    _require_its_own_task(export, store)
    client = open_supplier(export, settings.client_config(export.project_id), deadline, settings.retry)
    bring_in = partial(_bring_in, store, client, check_size)
    try:
        export = _finished(export, client, settings)
        archived = bring_in(export)
    except ExportError as error:
        if landed := find_landed(store, export):
            return export, landed
        with _giving_up(store, export):
            archived = _believe(store, export, error, bring_in)
    else:
        forget_statement_of_landed(store, export)
    metrics.record_landing(export.kind, archived)
    if settings.delete_after_landing and archived.outcome is Outcome.LANDED:
        _delete(client, export.task_id)
    return export, archived


def _bring_in(
    store: Store,
    client: Supplier,
    check_size: Callable[[int | None], None],
    export: ObservedExport,
    accepted_type: str | None = None,
) -> Archived:
    with client.open_file(export.task_id) as file, about(vendor_request_id=file.request_id):
        check_size(file.likely_bytes)
        if file.emptiness:
            return land_empty(store, export, file.emptiness, file.request_id)
        return land(store, export, file, accepted_type)


@contextmanager
def _giving_up(store: Store, export: ObservedExport) -> Iterator[None]:
    """Let the next start place a new order if the block shows that the task will bring no file."""
    try:
        yield
    except ExportError as error:
        if isinstance(error, OrderAgain) or (isinstance(error, BadFile) and error.is_whole):
            release_window(store, export)
        raise


def _believe(
    store: Store, export: ObservedExport, error: ExportError, bring_in: Callable[[ObservedExport, str], Archived]
) -> Archived:
    """Archive the error's statement if an earlier task of the same window has made it too; otherwise record it.

    A workbook or zip without a byte is never archived, because even one without rows has some bytes. A file without a
    byte and without a name is not archived either.

    Raises:
        ExportError: the error, where its statement does not count; or the error of a second download.
    """
    says = error.says
    if says is None or (says == NO_BYTES and not may_be_empty(export.file_name)):
        raise error
    others = note_statement(store, export, says)
    if not others:
        raise error
    logger.warning("accepted because two tasks agree", says=says, task_ids=[*others, export.task_id])
    if isinstance(error, BadFile) and says != NO_BYTES:
        return bring_in(export, says)
    reason = f": {error.vendor_reason}" if error.vendor_reason else ""
    note = f"Tasks {', '.join([*others, export.task_id])} agree: {error.what}{reason}"
    return land_empty(store, export, note, error.vendor_request_id)


def _require_its_own_task(export: ObservedExport, store: Store) -> None:
    """Raise if the task was ordered for another export or was revoked.

    Its file would otherwise stay in the archive under this window forever.

    Raises:
        Rejected: the task was ordered for another export, or was revoked.
    """
    order = find_order(store, export.task_id)
    if order and not is_same_export(order, export):
        raise Rejected(f"The task was ordered for {order.kind} {order.window}, or with other filters")
    if order and order.revoked_at:
        raise Rejected(
            f"The task's result was revoked at {to_wire(order.revoked_at)}",
            advice="Order the export again: a new task may give the right result.",
        )


def _finished(export: ObservedExport, client: Supplier, settings: LandingAccess) -> ObservedExport:
    """Return the export once its task has a file; check the vendor's list unless a status check has seen the end."""
    elapsed = utc_now() - export.watched_since
    if export.status is None or not export.status.is_terminal:
        task = client.find_task(export.task_id)
        if task is None and elapsed > settings.unseen_grace:
            raise lost(export)
        export = export.model_copy(update=task.observation | {"wait_seconds": 0} if task else {})
    match export.status:
        case TaskStatus.FAIL:
            error = TaskFailed(
                "The vendor ended the task with FAIL", vendor_code=export.error_code, vendor_reason=export.fail_reason
            )
            error.says = NO_DATA if settings.means_no_data(export.fail_reason) else None
            raise error
        case TaskStatus.EXPIRED:
            raise FileExpired("The vendor's task list says EXPIRED")
        case TaskStatus.SUCCESS:
            return export
        case _:
            raise Rejected.too_early("The vendor is still making the file", settings.polling.wait_seconds(elapsed))


def _delete(client: Supplier, task_id: str) -> None:
    """Delete the vendor's copy; log a failure to do so and go on, because the file is archived."""
    try:
        client.delete_task(task_id)
    except ExportError as error:
        logger.warning("task not deleted", task_id=task_id, error=type(error).__name__, detail=str(error))
