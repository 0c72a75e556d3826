"""Check the status of an ordered export once."""

from workspace_exports import metrics
from workspace_exports.archive.manifests import find_manifest
from workspace_exports.client.suppliers import open_supplier
from workspace_exports.client.tasks import ExportTask
from workspace_exports.core.clock import to_wire, utc_now
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import DeadlineExceeded, UnexpectedAnswer
from workspace_exports.events import ObservedExport, TaskStatus
from workspace_exports.lifecycle.lost_task import lost
from workspace_exports.lifecycle.needs import TaskAccess


def poll_status(export: ObservedExport, settings: TaskAccess, deadline: Deadline) -> ObservedExport:
    """Return the export with its current status in the vendor's task list and the time until the next status check.

    An export that is in the archive already is SUCCESS, even if the vendor no longer has the task.

    Raises:
        TaskLost: the list does not show the task, although its grace period is over.
        DeadlineExceeded: the task is still CREATING at the end of the time that a run gives it.
        ArchiveUnavailable: the archive cannot be read.
        Unauthorized, Throttled, VendorUnavailable, UnexpectedAnswer: as the vendor answers.
    """
    client = open_supplier(export, settings.client_config(export.project_id), deadline, settings.retry)
    try:
        task = client.find_task(export.task_id)
    except UnexpectedAnswer as error:
        if error.task_id and (landed := _landed(export, settings)):
            return landed
        raise
    _measure(export, task, settings)
    if task and task.status is TaskStatus.SUCCESS:
        return _ended(export, task.observation)
    if landed := _landed(export, settings):
        return landed
    if task and task.status.is_terminal:
        return _ended(export, task.observation)
    return _creating(export, task, settings)


def _measure(export: ObservedExport, task: ExportTask | None, settings: TaskAccess) -> None:
    """Count the status check, and record the vendor's time for a task that has ended.

    The time is recorded only before the deadline of a task that was not adopted: another may have ended long before.
    """
    metrics.count_status_check(export.kind)
    elapsed = utc_now() - export.ordered_at
    was_watched = export.adopted_at is None and not settings.polling.is_over(elapsed)
    if task and task.status in {TaskStatus.SUCCESS, TaskStatus.FAIL} and was_watched:
        metrics.record_task_end(export.kind, elapsed)


def _landed(export: ObservedExport, settings: TaskAccess) -> ObservedExport | None:
    manifest = find_manifest(settings.open_archive(), export)
    return _ended(export, {"status": TaskStatus.SUCCESS, "file_name": manifest.file_name}) if manifest else None


def _ended(export: ObservedExport, observation: dict[str, object]) -> ObservedExport:
    return export.model_copy(update=observation | {"wait_seconds": 0})


def _creating(export: ObservedExport, task: ExportTask | None, settings: TaskAccess) -> ObservedExport:
    """Return the export of a task that is still being made; one that is not listed yet has a grace period."""
    elapsed, policy = utc_now() - export.watched_since, settings.polling
    if task is None and elapsed > settings.unseen_grace:
        raise lost(export)
    if policy.is_over(elapsed):
        raise DeadlineExceeded(f"The task ordered at {to_wire(export.ordered_at)} is not done after {elapsed}")
    observation = task.observation if task else {"status": TaskStatus.CREATING}
    return export.model_copy(update=observation | {"wait_seconds": policy.wait_seconds(elapsed)})
