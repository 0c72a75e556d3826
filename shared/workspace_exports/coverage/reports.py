"""Contracts of report-archive, and the reports in the archive."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field, ValidationError

from workspace_exports.archive.layout import RUNS_PREFIX, report_key, run_began_at, run_of_report
from workspace_exports.core.contract import Contract, CorrelationId, Day, ProjectId, Record, UtcTime
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.coverage.plans import PlanLocation, RunId
from workspace_exports.storage.store import Store


class ReportRequest(Contract):
    """Run to report on: the result of plan-archive, of which only the name is required."""

    run: RunId
    planned: int | None = None
    postponed: int = 0
    plan: PlanLocation | None = None
    correlation_id: CorrelationId | None = None


class MissingDay(Contract):
    """Day that is not in the archive, by name."""

    kind: str
    project_id: ProjectId
    day: Day

    def __str__(self) -> str:
        """Return a text such as `2026-11-20 connection-records of 0123...`."""
        return f"{self.day} {self.kind} of {self.project_id}"


class FailedDay(MissingDay):
    """Planned day that is not in the archive, and the reason.

    Attributes:
        error: the class of the failure, or `Unknown` if none is on record.
        what: one sentence on what went wrong.
        advice: what to do next.
        execution: the name of the export workflow's execution.
    """

    error: str
    what: str
    advice: str
    vendor_code: str | None = None
    vendor_reason: str | None = None
    vendor_request_id: str | None = None
    task_id: str | None = None
    execution: str

    def __str__(self) -> str:
        """Return the day, then the reason."""
        said = ": ".join(word for word in (self.vendor_code, self.vendor_reason) if word)
        why = " ".join(part for part in (self.what, f"({said})" if said else "", self.advice) if part)
        return f"{super().__str__()}: {self.error}: {why}"


class NotedDay(MissingDay):
    """Day that is in the archive, and a note on what is unusual about it."""

    note: str

    def __str__(self) -> str:
        """Return the day, then the note."""
        return f"{super().__str__()}: {self.note}"


class RunStatus(StrEnum):
    """Status of a run when it reports, in one word to filter by."""

    COMPLETE = "complete"
    UNDER_WAY = "under-way"
    FAILED = "failed"


class Report(Record):
    """Outcome of a run, and the days in danger. Every planned export is counted once, by the archive's content.

    In the archive's copy the lists hold every name; in the copy that is sent they hold the first few. The counts cover
    all of them.

    Attributes:
        run: the name of the run.
        reported_at: when the archive was read.
        planned: the sum of the next five.
        landed: archived in this run.
        already_there: archived by a manifest that is older than the run.
        empty: archived in this run, and without a row.
        under_way: ordered, and not landed or failed yet; a later run adopts the task.
        failed: all other planned exports; see `failures`.
        at_risk: missing days that the vendor will not have for much longer; see `days_at_risk`.
        lost: missing days that the vendor no longer has; see `days_lost`.
        days_noted: days archived in this run whose manifest has a note.
        postponed: missing days beyond the limit of one run; the next run plans them.
        is_complete: every planned export is archived, and none is postponed.
        correlation_id: the id in the run's lines of every log.
    """

    result_log_fields: ClassVar[frozenset[str]] = frozenset(
        {"run", "planned", "landed", "already_there", "empty", "under_way", "failed", "at_risk", "lost"}
    )

    schema_version: int = 1
    run: RunId
    reported_at: UtcTime
    planned: int
    landed: int
    already_there: int
    empty: int
    under_way: int
    failed: int
    at_risk: int
    lost: int
    postponed: int = 0
    is_complete: bool
    failures: list[FailedDay]
    days_at_risk: list[MissingDay]
    days_lost: list[MissingDay]
    days_noted: list[NotedDay] = Field(default_factory=list)
    correlation_id: str | None = None

    @property
    def status(self) -> RunStatus:
        """Status of the run; a day lost long ago is no failure of today's run."""
        if self.failed:
            return RunStatus.FAILED
        return RunStatus.COMPLETE if self.is_complete else RunStatus.UNDER_WAY


class Announcement(Contract):
    """Report for people and systems, small enough for a state and a message.

    Attributes:
        subject: ASCII, less than 100 characters, as SNS requires.
        text: for people, and the cause of a run in which days failed; 32,768 characters at most.
        report: for machines, its lists cut short.
    """

    result_log_fields: ClassVar[frozenset[str]] = frozenset({"status", "subject"})

    status: RunStatus
    subject: str
    text: str
    report: Report


def last_reported_run(store: Store, run: str) -> datetime | None:
    """Return when the last earlier run with a report began; None if there is none.

    Raises:
        ArchiveUnavailable: the reports cannot be listed.
    """
    reported = (run_of_report(key) for key in store.keys(RUNS_PREFIX))
    return max((run_began_at(one) for one in reported if one and one < run), default=None)


def write_report(store: Store, report: Report) -> None:
    """Write the report beside the run's plan, in place of an earlier report of the same run.

    Raises:
        ArchiveUnavailable: it cannot be written.
    """
    store.replace(report_key(report.run), report.model_dump_json(indent=2, exclude_none=True).encode())


def read_report(store: Store, run: str) -> Report | None:
    """Return the report on a run; None if there is none.

    Raises:
        ArchiveUnavailable: it cannot be read.
    """
    content = store.read(report_key(run))
    try:
        return None if content is None else Report.read(content)
    except ValidationError as error:
        raise ArchiveUnavailable(f"The report {report_key(run)!r} is not one this version can read") from error
