"""What report-archive takes, writes and returns."""

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
    """The run to report on: what plan-archive returned, of which the name is enough."""

    run: RunId
    planned: int | None = None
    postponed: int = 0
    plan: PlanLocation | None = None
    correlation_id: CorrelationId | None = None


class MissingDay(Contract):
    """A day that is not in the archive, by name."""

    kind: str
    project_id: ProjectId
    day: Day

    def __str__(self) -> str:
        """`2026-11-20 connection-records of 0123...`."""
        return f"{self.day} {self.kind} of {self.project_id}"


class FailedDay(MissingDay):
    """A planned day that is not in the archive, and why.

    Attributes:
        error: the class, or `Unknown` where nothing is on record.
        what: what went wrong, one sentence.
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
        """The day, then why."""
        said = ": ".join(word for word in (self.vendor_code, self.vendor_reason) if word)
        why = " ".join(part for part in (self.what, f"({said})" if said else "", self.advice) if part)
        return f"{super().__str__()}: {self.error}: {why}"


class NotedDay(MissingDay):
    """A day that is in the archive, and what is unusual about it."""

    note: str

    def __str__(self) -> str:
        """The day, then the note."""
        return f"{super().__str__()}: {self.note}"


class RunStatus(StrEnum):
    """How a run ended, in one word to filter by."""

    COMPLETE = "complete"
    UNDER_WAY = "under-way"
    FAILED = "failed"


class Report(Record):
    """What came of a run, and what is in danger. Every planned export is counted once, by what the archive holds.

    The lists hold every name in the archive's copy, and the first few in the one that is sent round; the counts are
    those of all.

    Attributes:
        run: its name.
        reported_at: when the archive was looked at.
        planned: the sum of the next six.
        landed: archived in this run.
        already_there: archived by somebody else between the plan and the export.
        empty: archived in this run, and without a row.
        under_way: ordered, and nothing has come of it yet; a later run goes on with it.
        failed: the rest; see `failures`.
        at_risk: missing days that the vendor will not have for much longer; see `days_at_risk`.
        lost: missing days that the vendor no longer has; see `days_lost`.
        days_noted: days archived in this run about which there is something to say.
        postponed: missing days beyond what one run takes in; the next run asks for them.
        is_complete: every planned export is archived, and none is postponed.
        correlation_id: of the run's lines in every log.
    """

    logged: ClassVar[frozenset[str]] = frozenset(
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
        """How the run ended; a day lost long ago is no failure of today's run."""
        if self.failed:
            return RunStatus.FAILED
        return RunStatus.COMPLETE if self.is_complete else RunStatus.UNDER_WAY


class Announcement(Contract):
    """A report on its way to people and systems, small enough for a state and a message.

    Attributes:
        subject: ASCII, less than 100 characters, as SNS wants it.
        text: for people, and the cause of a run in which days failed; 32,768 characters at most.
        report: for machines, its lists cut short.
    """

    logged: ClassVar[frozenset[str]] = frozenset({"status", "subject"})

    status: RunStatus
    subject: str
    text: str
    report: Report


def last_reported_run(store: Store, run: str) -> datetime | None:
    """When the last run before that one began that has lived to report; None if none has.

    Raises:
        ArchiveUnavailable: the reports cannot be listed.
    """
    reported = (run_of_report(key) for key in store.keys(RUNS_PREFIX))
    return max((run_began_at(one) for one in reported if one and one < run), default=None)


def write_report(store: Store, report: Report) -> None:
    """Keeps the report beside the run's plan, in the place of an earlier one of the same run.

    Raises:
        ArchiveUnavailable: it cannot be kept.
    """
    store.replace(report_key(report.run), report.model_dump_json(indent=2, exclude_none=True).encode())


def read_report(store: Store, run: str) -> Report | None:
    """What came of a run; None if nobody has reported on it.

    Raises:
        ArchiveUnavailable: it cannot be read.
    """
    content = store.read(report_key(run))
    try:
        return None if content is None else Report.read(content)
    except ValidationError as error:
        raise ArchiveUnavailable(f"The report {report_key(run)!r} is not one this version can read") from error
