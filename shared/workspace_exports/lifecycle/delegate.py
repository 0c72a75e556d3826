"""Delegation to the export workflow of a fetch for which one call over HTTP has no time."""

import os

from workspace_exports.archive.failures import Failure, read_failure
from workspace_exports.client.download import KEPT_BACK_SECONDS
from workspace_exports.core.clock import utc_now
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import ExportError, Transient, VendorUnavailable, error_named
from workspace_exports.core.log import logger
from workspace_exports.events import ArchivedExport, DelegatedExport, ObservedExport, StartRequest
from workspace_exports.lifecycle.fetch import fetch_file
from workspace_exports.lifecycle.needs import DelegatingAccess
from workspace_exports.storage.store import Store

LARGEST_AT_ONCE_BYTES = 32 * 1024 * 1024
"""Largest file for one call: of its 25 seconds, 18 are for the download, at 2 MiB/s."""

_RETRY_SECONDS = 30
_RETRY_ADVICE = "Repeat the call in the next hour to start the workflow again, or order the export again."


class FileTooLarge(Exception):
    """Signal that one call over HTTP may be too short for the file."""


def require_fitting(size_bytes: int | None) -> None:
    """Raise an error if one call may be too short for the file.

    Args:
        size_bytes: size of the file; None where the vendor does not announce it.

    Raises:
        FileTooLarge: the file is too large, or its size is not known.
    """
    if size_bytes is None or size_bytes > LARGEST_AT_ONCE_BYTES:
        raise FileTooLarge


def delegate(export: ObservedExport, workflow_arn: str, store: Store) -> DelegatedExport:
    """Start the workflow for the task, at most once an hour; another call in that hour returns the same execution.

    The execution's name holds the task and the hour, and AWS identifies the execution by it. The input may differ: a
    run that adopts the order meanwhile leaves another correlation id in it.

    Raises:
        ExportError: the workflow has ended in this hour without the file; the class is that of its failure, if known.
        Misconfigured: the function may not start the workflow.
        Throttled, VendorUnavailable: a retry may work.
    """
    from workspace_exports.aws.executions import HasEnded, start_execution  # noqa: PLC0415 - seldom needed

    request = export.model_dump(mode="json", include=set(StartRequest.model_fields), exclude_none=True)
    name = f"file-{export.task_id}-{utc_now():%m%d%H}"
    try:
        execution_arn = start_execution(workflow_arn, name, request, os.environ)
    except HasEnded:
        raise _recorded_failure(read_failure(store, export)) from None
    logger.info("delegated to the export workflow", task_id=export.task_id, execution_arn=execution_arn)
    return DelegatedExport(
        **export.model_dump(exclude={"wait_seconds"}), wait_seconds=_RETRY_SECONDS, execution_arn=execution_arn
    )


def _recorded_failure(failure: Failure | None) -> ExportError:
    """Return the error that the workflow ended with.

    The record may belong to another attempt at the same export, which is as useful to the caller.
    """
    if failure is None:
        return VendorUnavailable("The export workflow has ended without the file", advice=_RETRY_ADVICE)
    error = error_named(failure.error) or VendorUnavailable
    said = failure.model_dump(include={"vendor_code", "vendor_reason", "vendor_request_id", "task_id"})
    return error(f"The export workflow could not archive the file: {failure.what}", advice=_RETRY_ADVICE, **said)


def fetch_or_delegate(
    export: ObservedExport, settings: DelegatingAccess, deadline: Deadline
) -> ArchivedExport | DelegatedExport:
    """Fetch the file if this call has time for it or no workflow is set; otherwise start the workflow."""
    if settings.export_workflow_arn is None:
        return fetch_file(export, settings, deadline)
    try:
        return fetch_file(export, settings, deadline, require_fitting)
    except FileTooLarge:
        return delegate(export, settings.export_workflow_arn, settings.open_archive())
    except Transient:
        if deadline.remaining_seconds() > KEPT_BACK_SECONDS:
            raise
        return delegate(export, settings.export_workflow_arn, settings.open_archive())
