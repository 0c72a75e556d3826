"""plan-archive: name the days that are missing from the archive and can still be had."""

from datetime import datetime

from workspace_exports.archive.manifests import archived_days
from workspace_exports.archive.store import Store, open_store
from workspace_exports.clock import utc_now
from workspace_exports.contracts.events import ExportRequest
from workspace_exports.contracts.plans import Plan, PlanRequest
from workspace_exports.entrypoint import entrypoint
from workspace_exports.exports import EXPORTS, Export
from workspace_exports.planning.missing import days_to_cover, missing_days
from workspace_exports.settings import PlanArchiveSettings


def plan_archive(request: PlanRequest, settings: PlanArchiveSettings) -> Plan:
    """One order for every missing day, oldest first, from one listing per kind.

    Raises:
        Rejected: an explicit range asks for days that nobody can get.
        ArchiveUnavailable: the manifests cannot be listed.
        Misconfigured, Unauthorized, Throttled, VendorUnavailable: nobody names the project, and it cannot be looked up.
    """
    store = open_store(settings.archive_url)
    project_id = settings.sign_in(request.project_id).find_project()
    now = utc_now()
    orders = [
        order for kind in request.kinds or EXPORTS for order in _missing(store, EXPORTS[kind], project_id, request, now)
    ]
    return Plan(exports=sorted(orders, key=lambda order: str(order.day)))


def _missing(store: Store, export: Export, project_id: str, request: PlanRequest, now: datetime) -> list[ExportRequest]:
    first, last = days_to_cover(request.first_day, request.last_day, export.window.last_days, now)
    days = missing_days(archived_days(store, export.kind, project_id), first, last)
    return [ExportRequest(kind=export.kind, project_id=project_id, day=day) for day in days]


handler = entrypoint(plan_archive, PlanRequest, PlanArchiveSettings)
