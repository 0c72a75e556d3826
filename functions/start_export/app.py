"""start-export: order one export from the vendor."""

from http import HTTPStatus

from workspace_exports.archive.orders import begin_order
from workspace_exports.clock import utc_now
from workspace_exports.contracts.events import ExportRequest, OrderedExport
from workspace_exports.deadline import Deadline
from workspace_exports.entrypoint import Route, entrypoint
from workspace_exports.errors import Rejected
from workspace_exports.exports import find_export
from workspace_exports.settings import StartExportSettings
from workspace_exports.vendor.client import connect


def start_export(request: ExportRequest, settings: StartExportSettings, deadline: Deadline) -> OrderedExport:
    """Checks the request against the vendor's rules, then orders.

    Raises:
        Rejected: by our check, before the vendor hears of it, or by the vendor.
        Misconfigured: no credentials, or none that say which project.
        Unauthorized, Throttled, VendorUnavailable, UnexpectedAnswer: as the vendor answers.
    """
    export = find_export(request.kind)
    if problems := export.problems(request.window, request.filters, utc_now()):
        raise Rejected.because(problems)
    filters = export.resolved(request.filters)
    client = connect(settings.sign_in(request.project_id), deadline, settings.retry)
    order = begin_order(settings.open_archive(), request, client.project_id, utc_now())
    with order:
        parameters = export.wire_parameters(request.window, filters)
        task_id = client.create_export(export, parameters, order)
        order.made(task_id)
    return OrderedExport(
        kind=request.kind,
        project_id=client.project_id,
        day=request.day,
        start_time=request.window.start,
        end_time=request.window.end,
        filters=filters,
        task_id=task_id,
        ordered_at=utc_now(),
        wait_seconds=settings.polling.wait_seconds(),
    )


handler = entrypoint(
    start_export,
    ExportRequest,
    StartExportSettings,
    Route("POST", "/exports", HTTPStatus.ACCEPTED, lambda ordered: {"Location": f"/exports/{ordered['task_id']}"}),
)
