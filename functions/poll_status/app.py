"""poll-status: look once at an ordered export."""

from workspace_exports.clock import to_wire, utc_now
from workspace_exports.contracts.events import ObservedExport, TaskStatus
from workspace_exports.deadline import Deadline
from workspace_exports.entrypoint import entrypoint
from workspace_exports.errors import DeadlineExceeded, TaskLost
from workspace_exports.settings import PollStatusSettings
from workspace_exports.vendor.client import connect


def poll_status(export: ObservedExport, settings: PollStatusSettings, deadline: Deadline) -> ObservedExport:
    """What the vendor's task list says of the export now, and when to look again.

    Raises:
        TaskLost: the list does not know the task, though it has had time to.
        DeadlineExceeded: still CREATING after all the time a run gives it.
        Unauthorized, Throttled, VendorUnavailable, UnexpectedAnswer: as the vendor answers.
    """
    policy = settings.polling
    client = connect(settings.sign_in(export.project_id), deadline, settings.retry)
    task = client.find_task(export.task_id)
    elapsed = utc_now() - export.ordered_at
    if task is None and elapsed > settings.unseen_grace:
        raise TaskLost(f"The vendor's task list does not show the task ordered at {to_wire(export.ordered_at)}")
    status = task.status if task else TaskStatus.CREATING
    if not status.is_terminal and policy.is_over(elapsed):
        raise DeadlineExceeded(f"The task ordered at {to_wire(export.ordered_at)} is not done after {elapsed}")
    return export.model_copy(
        update={
            "status": status,
            "file_name": task and task.file_name,
            "fail_reason": task and task.fail_reason,
            "error_code": task and task.error_code,
            "wait_seconds": 0 if status.is_terminal else policy.wait_seconds(elapsed),
        }
    )


handler = entrypoint(poll_status, ObservedExport, PollStatusSettings)
