"""report-archive: say what came of a run, and which days are about to be lost or are lost already."""

from workspace_exports.coverage.report import report_archive
from workspace_exports.coverage.reports import ReportRequest
from workspace_exports.runtime import entrypoint
from workspace_exports.runtime.settings.ledger_range import WatchingSettings


class ReportArchiveSettings(WatchingSettings):
    """Settings of report-archive; it never calls the vendor."""


handler = entrypoint(report_archive, ReportRequest, ReportArchiveSettings)
