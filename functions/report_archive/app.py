"""report-archive: report the results of a run, and the days that are at risk or lost."""

from workspace_exports.coverage.report import report_archive
from workspace_exports.coverage.reports import ReportRequest
from workspace_exports.runtime import entrypoint
from workspace_exports.runtime.settings.ledger_range import WatchingSettings


class ReportArchiveSettings(WatchingSettings):
    """Settings of report-archive; it never calls the vendor."""


handler = entrypoint(report_archive, ReportRequest, ReportArchiveSettings)
