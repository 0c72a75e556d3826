"""Order one export from the vendor, unless an earlier order serves the request."""

from dataclasses import dataclass

from workspace_exports import metrics
from workspace_exports.archive.manifests import find_manifest
from workspace_exports.archive.order_log import (
    LoggedOrder,
    begin_order,
    find_order,
    is_same_export,
    last_order,
    record_task_of,
)
from workspace_exports.client.suppliers import Supplier, open_supplier
from workspace_exports.client.tasks import ExportTask
from workspace_exports.core.clock import utc_now
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import Rejected, UnexpectedAnswer
from workspace_exports.core.log import logger
from workspace_exports.events import OrderedExport, PlacedExport, StartRequest, TaskStatus
from workspace_exports.exports import find_export
from workspace_exports.lifecycle.needs import TaskAccess
from workspace_exports.lifecycle.reuse import REPEAT, is_reusable
from workspace_exports.orders import OrderRecord
from workspace_exports.storage.store import Store


def start_export(request: StartRequest, settings: TaskAccess, deadline: Deadline) -> OrderedExport:
    """Check the request against the vendor's rules, then adopt an earlier order or place a new one.

    Raises:
        Rejected: our check refuses the request before any call to the vendor, or the vendor refuses it.
        Misconfigured: there are no credentials, or the project cannot be determined from them.
        ArchiveUnavailable: nothing has been ordered.
        Unauthorized, Throttled, VendorUnavailable, UnexpectedAnswer: as the vendor answers.
    """
    export, now = find_export(request.kind), utc_now()
    out_of_reach = export.window.out_of_reach(request.window, now)
    problems = export.problems(request.window, request.filters, now)
    if problems != out_of_reach:
        raise Rejected.because(problems)
    client = open_supplier(request, settings.client_config(request.project_id), deadline, settings.retry)
    filters = export.resolved(request.filters)
    wanted = PlacedExport(
        kind=request.kind,
        project_id=client.project_id,
        day=request.day,
        start_time=request.window.start,
        end_time=request.window.end,
        filters=filters,
        correlation_id=request.correlation_id,
        ordered_at=now,
    )
    start = _Start(wanted, settings.open_archive(), client, settings)
    earlier = start.named(request.task_id) or start.archived() or start.adopted()
    if not earlier and out_of_reach:
        raise Rejected.because(out_of_reach)
    return earlier or start.ordered()


@dataclass(frozen=True, slots=True)
class _Start:
    """State of one start."""

    wanted: PlacedExport
    store: Store
    client: Supplier
    settings: TaskAccess

    def archived(self) -> OrderedExport | None:
        """Return the order whose file the archive has already; None if it has none."""
        manifest = find_manifest(self.store, self.wanted)
        if manifest is None:
            return None
        logger.info("already archived", task_id=manifest.task_id, archived_under=manifest.correlation_id)
        ordered = self._answer(manifest.task_id, ordered_at=manifest.ordered_at)
        record_task_of(self.store, ordered)
        return ordered

    def named(self, task_id: str | None) -> OrderedExport | None:
        """Adopt the order that made the task and return it, at any age; None if its file cannot come.

        Raises:
            Rejected: the task belongs to no order of this export, or was revoked.
        """
        order = find_order(self.store, task_id) if task_id else None
        if task_id and not (order and is_same_export(order, self.wanted)):
            raise Rejected("task_id is of no order of this export: leave it out to order the export")
        if order and order.revoked_at:
            raise Rejected("The task's result was revoked: leave task_id out to order the export again")
        status = self._status(task_id, order) if task_id and order else None
        return self._taken_over(order, task_id, status) if task_id and order and status else None

    def adopted(self) -> OrderedExport | None:
        """Adopt an earlier start's order and return it; None if its file does not serve this request or cannot come."""
        last = last_order(self.store, self.wanted)
        task_id = (last.task_id or self._task_of_unanswered(last)) if last else None
        status = self._status(task_id, last) if last and task_id else None
        if not (last and task_id and status):
            return None
        if not is_reusable(last, self.wanted, being_made=status is TaskStatus.CREATING):
            return None
        return self._taken_over(last, task_id, status)

    def ordered(self) -> OrderedExport:
        """Place a new order and return it."""
        export = find_export(self.wanted.kind)
        with begin_order(self.store, self.wanted) as order:
            parameters = export.wire_parameters(self.wanted.window, self.wanted.filters)
            task_id = self.client.create_export(export, parameters, order)
            order.record_task(task_id)
        metrics.count_order(self.wanted.kind)
        return self._answer(task_id, wait_seconds=self.settings.polling.wait_seconds())

    def _taken_over(self, order: OrderRecord, task_id: str, status: TaskStatus) -> OrderedExport:
        logger.info("adopted an earlier order", task_id=task_id, status=status, ordered_under=order.correlation_id)
        LoggedOrder(self.store, order).record_adoption(task_id, self.wanted.ordered_at, self.wanted.correlation_id)
        wait_seconds = 0 if status.is_terminal else self.settings.polling.wait_seconds()
        return self._answer(
            task_id, ordered_at=order.ordered_at, adopted_at=self.wanted.ordered_at, wait_seconds=wait_seconds
        )

    def _task_of_unanswered(self, last: OrderRecord) -> str | None:
        """Return the task of an order whose answer is not recorded; None if the order is too old or no task is found.

        The answer was lost, the function ended before it could record it, or the order is being placed right now.
        """
        age = abs(self.wanted.ordered_at - last.ordered_at)
        if age > REPEAT:
            return None
        order = LoggedOrder(self.store, last)
        task_id = self.client.find_lost_order(age, order)
        if task_id:
            order.record_task(task_id)
            metrics.count_order(self.wanted.kind)
        return task_id

    def _status(self, task_id: str, last: OrderRecord) -> TaskStatus | None:
        """Return the status of a task whose file has come or may still come; None for any other task.

        A young task that the vendor does not list yet counts as CREATING.
        """
        task = self._seen(task_id)
        if task and task.status in {TaskStatus.CREATING, TaskStatus.SUCCESS}:
            return task.status
        if find_manifest(self.store, last):
            return TaskStatus.SUCCESS
        is_young = abs(self.wanted.ordered_at - last.ordered_at) <= self.settings.unseen_grace
        return TaskStatus.CREATING if task is None and is_young else None

    def _seen(self, task_id: str) -> ExportTask | None:
        """Return the task; None if it is not listed or is in an unknown state.

        A task in an unknown state must not prevent a new order forever.
        """
        try:
            return self.client.find_task(task_id)
        except UnexpectedAnswer as error:
            if error.task_id is None:
                raise
            logger.warning("an earlier order's task is not understood", task_id=task_id, detail=str(error))
            return None

    def _answer(self, task_id: str, **facts: object) -> OrderedExport:
        return OrderedExport.model_validate(self.wanted.model_dump() | {"task_id": task_id} | facts)
