"""Outcome of each planned export, judged by the archive's content."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from workspace_exports.archive.failures import Failure
from workspace_exports.archive.manifests import Manifest
from workspace_exports.coverage.plans import PlannedExport
from workspace_exports.coverage.reports import FailedDay, MissingDay, NotedDay, Report, ReportRequest
from workspace_exports.orders import OrderRecord

LONGEST_EXPORT = timedelta(hours=72)
"""Time that no export workflow may exceed: an older order is no longer under way."""


def is_under_way(order: OrderRecord | None, failure: Failure | None, now: datetime) -> bool:
    """Return whether the last order of an export that is not archived may still land.

    Args:
        order: the last order; None if there is none.
        failure: the last failure on record; None if there is none, or it cannot be understood.
        now: when the archive was read.
    """
    if order is None or now - order.ordered_at > LONGEST_EXPORT:
        return False
    return failure is None or failure.at < order.ordered_at


class Ending(StrEnum):
    """Status of a planned export when the run reports."""

    LANDED = "landed"
    ALREADY_THERE = "already_there"
    EMPTY = "empty"
    UNDER_WAY = "under_way"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class PlannedOutcome:
    """Records of one planned export in the archive.

    Attributes:
        manifest: its manifest; None if it is not archived.
        failure: the failure of the last attempt; without meaning beside a manifest.
        order: its last order.
    """

    item: PlannedExport
    manifest: Manifest | None = None
    failure: Failure | None = None
    order: OrderRecord | None = None

    def ending(self, began_at: datetime, now: datetime) -> Ending:
        """Return the export's status.

        Args:
            began_at: when the run began, to the second.
            now: when the archive was read.
        """
        if self.manifest:
            if self.manifest.landed_at < began_at:
                return Ending.ALREADY_THERE
            return Ending.EMPTY if self.manifest.outcome == "empty" else Ending.LANDED
        return Ending.UNDER_WAY if is_under_way(self.order, self.failure, now) else Ending.FAILED

    @property
    def why(self) -> FailedDay:
        """Failure of the export, as far as one is on record."""
        known = (
            self.failure.model_dump(include=set(FailedDay.model_fields) - {"kind", "project_id"})
            if self.failure
            else {
                "error": "Unknown",
                "what": "No record of it exists",
                "advice": "Read that execution of the export workflow; the next run orders the day again.",
            }
        )
        export = self.item.export.model_dump(include={"kind", "project_id", "day"})
        return FailedDay.model_validate(export | known | {"execution": self.item.name})

    @property
    def noted(self) -> NotedDay | None:
        """Note on an unusual file, if its manifest has one."""
        if self.manifest is None or self.manifest.note is None:
            return None
        export = self.item.export.model_dump(include={"kind", "project_id", "day"})
        return NotedDay.model_validate(export | {"note": self.manifest.note})


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a run's planned exports, each counted once; those that failed, or have a note, by name."""

    counts: Counter[Ending]
    failures: list[FailedDay]
    noted: list[NotedDay]

    def report(
        self, request: ReportRequest, at: datetime, *, at_risk: list[MissingDay], lost: list[MissingDay]
    ) -> Report:
        """Return the whole report, with the days in danger beyond the run's own plan."""
        counts = self.counts
        return Report(
            run=request.run,
            reported_at=at,
            planned=counts.total(),
            landed=counts[Ending.LANDED],
            already_there=counts[Ending.ALREADY_THERE],
            empty=counts[Ending.EMPTY],
            under_way=counts[Ending.UNDER_WAY],
            failed=counts[Ending.FAILED],
            at_risk=len(at_risk),
            lost=len(lost),
            postponed=request.postponed,
            is_complete=not (counts[Ending.UNDER_WAY] or counts[Ending.FAILED] or request.postponed),
            failures=self.failures,
            days_at_risk=at_risk,
            days_lost=lost,
            days_noted=self.noted,
            correlation_id=request.correlation_id,
        )


def tally(traces: Iterable[PlannedOutcome], began_at: datetime, now: datetime) -> Tally:
    """Count the planned exports by their status."""
    counts: Counter[Ending] = Counter()
    failures, noted = [], []
    for trace in traces:
        ending = trace.ending(began_at, now)
        counts[ending] += 1
        if ending is Ending.FAILED:
            failures.append(trace.why)
        if trace.noted and ending in (Ending.LANDED, Ending.EMPTY):
            noted.append(trace.noted)
    return Tally(counts, sorted(failures, key=str), sorted(noted, key=str))
