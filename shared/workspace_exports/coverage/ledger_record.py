"""What show-coverage takes and returns: which days are in the archive, and what is wrong with those that are not."""

from enum import StrEnum
from typing import ClassVar

from pydantic import model_validator

from workspace_exports.core.contract import Contract, Day, ProjectId, UtcTime, check_day_range
from workspace_exports.events import Kind


class CoverageRequest(Contract):
    """Which part of the archive to show; by default the last 400 days of every kind and project."""

    kind: Kind | None = None
    project_id: ProjectId | None = None
    first_day: Day | None = None
    last_day: Day | None = None

    _range_runs_forward = model_validator(mode="after")(check_day_range)


class DayStatus(StrEnum):
    """How a day stands. What is not archived has the first word of the last four that fits it.

    A day whose manifest nobody can understand has failed: readers have nothing of it.
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
            `lost` is beyond the vendor's reach for good.
        size_bytes: of the file; None where its manifest has not been read yet, as of the next three.
        landed_at: when it was archived.
        sha256: of the file, hexadecimal.
        task_id: the vendor's task that made it.
        gone_at: until when the vendor has what is missing.
        error: the class of the last failure, where one is on record.
        what: what went wrong then, or what is unusual about a file that is archived; one sentence.
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
        filters: the name the archive has for the filters, `filters-DIGEST`; None without any.
        since: from which day on it is to be complete; None for a snapshot, and where no daily run has planned it.
        days: oldest first; those that are in the archive, and those that are not: since `since`, planned by a run by
            hand, or with a failure on record.
    """

    kind: str
    project_id: str
    filters: str | None = None
    since: Day | None = None
    days: list[CoveredDay]


class Totals(Contract):
    """All days shown, counted by their status, and the size of all files whose manifests have been read."""

    archived: int = 0
    empty: int = 0
    lost: int = 0
    at_risk: int = 0
    failed: int = 0
    missing: int = 0
    size_bytes: int = 0


class DayAtRisk(Contract):
    """The missing day that is lost next, and when."""

    kind: str
    project_id: str
    day: Day
    gone_at: UtcTime


class Coverage(Contract):
    """What the archive has.

    Attributes:
        at: when the archive was looked at.
        first_day: the range looked at, both ends inclusive.
        next_at_risk: of all days shown that are missing and can still be had, the one that the vendor drops first.
        series: by project, then kind.
        left_out: how many more series there are than one answer takes in: ask for one project or kind.
        cut_short: series are left out for want of time; the same call may show more.
        unplanned: the number of series that no daily run has planned yet: only what was asked for by hand counts there.
        unread: how many archived days have a manifest that has not been read yet; the next answer reads more.
    """

    logged: ClassVar[frozenset[str]] = frozenset(
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
