"""report-archive: say what came of a run, and which days are about to be lost or are lost already."""

from workspace_exports.announcement import announce
from workspace_exports.archive.keys import report_key, run_began_at
from workspace_exports.archive.reports import missing_in_danger, read_traces, write_report
from workspace_exports.clock import utc_now
from workspace_exports.contracts.reports import Announcement, ReportRequest
from workspace_exports.deadline import Deadline
from workspace_exports.entrypoint import entrypoint
from workspace_exports.planning.outcomes import tally
from workspace_exports.settings import ReportArchiveSettings


def report_archive(request: ReportRequest, settings: ReportArchiveSettings, _deadline: Deadline) -> Announcement:
    """Judges every planned export by what the archive holds, whoever exported it, and keeps the report there.

    Raises:
        Rejected: no run is called so.
        Misconfigured: the list of targets is of no use.
        ArchiveUnavailable: the plan or what is there cannot be read, or the report cannot be kept.
    """
    store = settings.open_archive()
    now, began_at = utc_now(), run_began_at(request.run)
    counted = tally(read_traces(store, request.run, began_at), began_at, now)
    at_risk, lost = missing_in_danger(store, settings.series(), now, settings.at_risk_days)
    report = counted.report(request.run, now, at_risk=at_risk, lost=lost, postponed=request.postponed)
    write_report(store, report)
    return announce(report, store.url_of(report_key(request.run)))


handler = entrypoint(report_archive, ReportRequest, ReportArchiveSettings)
