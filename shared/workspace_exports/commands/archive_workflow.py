"""Archive workflow in this process: plan, export a few at a time, report, by the same rules as on AWS."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from threading import Event

from workspace_exports.commands.export_workflow import ExportEnd, ExportWorkflow
from workspace_exports.commands.workflow_rules import EXPORTS_AT_ONCE, PLAN, REPORT
from workspace_exports.core.concurrency import in_parallel
from workspace_exports.coverage.plan import plan_archive
from workspace_exports.coverage.plans import PlannedExport, PlannedRun, PlanRequest, read_plan
from workspace_exports.coverage.report import report_archive
from workspace_exports.coverage.reports import Announcement, ReportRequest


@dataclass(frozen=True, slots=True)
class ExportedDay:
    """End of one planned export."""

    planned: PlannedExport
    end: ExportEnd


@dataclass(frozen=True, slots=True)
class ArchiveWorkflow:
    """Archive workflow over one set of settings.

    Attributes:
        exports: the workflow of each export.
        at_once: the number of exports under way at a time.
    """

    exports: ExportWorkflow
    at_once: int = EXPORTS_AT_ONCE

    def plan(self, request: PlanRequest) -> PlannedRun:
        """Write the plan of the missing days.

        Raises:
            ExportError: the days cannot be planned.
        """
        return self.exports.call(PLAN, plan_archive, PlanRequest, request)

    def export(self, run: PlannedRun) -> Generator[ExportedDay]:
        """Export the planned days, and yield the end of each. Memory holds a few days of the plan at a time.

        Raises:
            ArchiveUnavailable: the plan cannot be read.
        """
        days = read_plan(self.exports.settings.open_archive(), run.run)
        yield from in_parallel(self._exported, days, workers=self.at_once)

    def report(self, run: PlannedRun) -> Announcement:
        """Write the report and the coverage page.

        Raises:
            ExportError: there is no report.
        """
        return self.exports.call(REPORT, report_archive, ReportRequest, run.model_dump())

    def _exported(self, planned: PlannedExport, stopped: Event) -> ExportedDay:
        request = planned.export.model_dump(mode="json", exclude_none=True)
        return ExportedDay(planned, replace(self.exports, stopped=stopped).run_and_record(request))
