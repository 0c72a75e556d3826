"""plan-archive: name the days that are missing from the archive and can still be had."""

from datetime import datetime

from workspace_exports.archive.keys import new_run
from workspace_exports.archive.manifests import archived_days
from workspace_exports.archive.plans import execution_name, plan_location, write_plan
from workspace_exports.archive.since import note_since
from workspace_exports.archive.store import Store
from workspace_exports.clock import utc_now
from workspace_exports.contracts.events import ExportRequest, PlacedExport
from workspace_exports.contracts.plans import PlannedExport, PlannedRun, PlanRequest
from workspace_exports.deadline import Deadline
from workspace_exports.entrypoint import entrypoint
from workspace_exports.errors import about
from workspace_exports.exports import EXPORTS, Export
from workspace_exports.planning.missing import days_to_cover, missing_days
from workspace_exports.settings import PlanArchiveSettings


def plan_archive(request: PlanRequest, settings: PlanArchiveSettings, _deadline: Deadline) -> PlannedRun:
    """Writes one order for every missing day, oldest first, from one listing per kind.

    Raises:
        Rejected: an explicit range asks for days that nobody can get.
        ArchiveUnavailable: the manifests cannot be listed, or the plan cannot be written.
        Misconfigured, Unauthorized, Throttled, VendorUnavailable: nobody names the project, and it cannot be looked up.
    """
    store = settings.open_archive()
    project_id = settings.sign_in(request.project_id).find_project()
    now = utc_now()
    exports = [EXPORTS[kind] for kind in dict.fromkeys(request.kinds)] if request.kinds else _with_days()
    orders = [order for export in exports for order in _missing(store, export, project_id, request, now)]
    run = new_run(now)
    planned = write_plan(store, run, sorted(orders, key=lambda order: str(order.export.day)))
    return PlannedRun(run=run, planned=planned, plan=plan_location(store, run))


def _with_days() -> list[Export]:
    """A snapshot is of now: none can be missing from the past."""
    return [export for export in EXPORTS.values() if export.window.has_days]


def _missing(store: Store, export: Export, project_id: str, request: PlanRequest, now: datetime) -> list[PlannedExport]:
    with about(kind=export.kind):
        first, last = days_to_cover(request.first_day, request.last_day, export.window, now)
    if request.first_day is None:
        note_since(store, export.kind, project_id, first)
    days = missing_days(archived_days(store, export.kind, project_id), first, last)
    return [_planned(ExportRequest(kind=export.kind, project_id=project_id, day=day), now) for day in days]


def _planned(export: ExportRequest, now: datetime) -> PlannedExport:
    placed = PlacedExport.model_validate(export.model_dump() | {"ordered_at": now})
    return PlannedExport(name=execution_name(placed, now.date()), export=export)


handler = entrypoint(plan_archive, PlanRequest, PlanArchiveSettings)
