"""Contracts of show-coverage: the days that are in the archive, and the status of those that are not."""

from enum import StrEnum
from typing import ClassVar

from pydantic import model_validator

from workspace_exports.core.contract import Contract, Day, ProjectId, UtcTime, check_day_range
from workspace_exports.events import Kind


class CoverageRequest(Contract):
    """Part of the archive to show; by default the last 400 days of every kind and project."""

    kind: Kind | None = None
    project_id: ProjectId | None = None
    first_day: Day | None = None
    last_day: Day | None = None

    _range_runs_forward = model_validator(mode="after")(check_day_range)


class DayStatus(StrEnum):
    """Status of a day. A day that is not archived has the first of the last four that fits it.

    A day whose manifest cannot be understood has failed: readers cannot use it.
    """

    ARCHIVED = "archived"
    EMPTY = "empty"
    LOST = "lost"
    AT_RISK = "at-risk"
    FAILED = "failed"
    MISSING = "missing"


class CoveredDay(Contract):
    """One day of one kind and project.

    Attributes:
        status: `archived` by its manifest, the file verified when it landed; `empty` is archived too, without a row;
            `lost` means that the vendor no longer has it.
        size_bytes: the size of the file; None, as for the next three, if its manifest has not been read yet.
        landed_at: when it was archived.
        sha256: the SHA-256 of the file, hexadecimal.
        task_id: the vendor's task that made it.
        gone_at: the time until which the vendor has a day that is missing.
        error: the class of the last failure, if one is on record.
        what: one sentence on what went wrong then, or on what is unusual about a file that is archived.
    """

    day: Day
    status: DayStatus
    size_bytes: int | None = None
    landed_at: UtcTime | None = None
    sha256: str | None = None
    task_id: str | None = None
    gone_at: UtcTime | None = None
    error: str | None = None
    what: str | None = None


class SeriesCoverage(Contract):
    """One kind of one project, always with the same filters.

    Attributes:
        filters: the archive's name for the filters, `filters-DIGEST`; None without filters.
        since: the day from which on it is to be complete; None for a snapshot, and if no daily run has planned it.
        days: oldest first; the days that are in the archive, and those that are to be there: from `since` on, planned
            by a manual run, or with a failure on record.
    """

    kind: str
    project_id: str
    filters: str | None = None
    since: Day | None = None
    days: list[CoveredDay]


class Totals(Contract):
    """Counts of all days shown, by their status, and the size of all files whose manifests have been read."""

    archived: int = 0
    empty: int = 0
    lost: int = 0
    at_risk: int = 0
    failed: int = 0
    missing: int = 0
    size_bytes: int = 0


class DayAtRisk(Contract):
    """Missing day that is lost next, and the time of its loss."""

    kind: str
    project_id: str
    day: Day
    gone_at: UtcTime


class Coverage(Contract):
    """Coverage of the archive.

    Attributes:
        at: when the archive was read.
        first_day: the first day of the range shown; both ends are inclusive.
        next_at_risk: the day that the vendor drops first, of all days shown that are neither archived nor lost.
        series: by project, then kind.
        left_out: the number of series that do not fit into one answer: ask for one project or kind.
        cut_short: series are left out because time ran out; the same call may show more.
        unplanned: the number of series that no daily run has planned yet: only days asked for by hand count there.
        unread: the number of archived days whose manifest has not been read yet; the next answer reads more.
    """

    result_log_fields: ClassVar[frozenset[str]] = frozenset(
        {"first_day", "last_day", "totals", "left_out", "cut_short", "unplanned", "unread"}
    )

    schema_version: int = 1
    at: UtcTime
    first_day: Day
    last_day: Day
    totals: Totals
    next_at_risk: DayAtRisk | None = None
    series: list[SeriesCoverage]
    left_out: int = 0
    cut_short: bool = False
    unplanned: int = 0
    unread: int = 0
