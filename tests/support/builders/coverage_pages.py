"""Coverage as the page shows it: an empty archive, a healthy one, one with every kind of trouble, a large one."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from workspace_exports.coverage.ledger_record import (
    Coverage,
    CoveredDay,
    DayAtRisk,
    DayStatus,
    SeriesCoverage,
    Totals,
)
from workspace_exports.exports import EXPORTS

AT = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
LAST_DAY = date(2026, 11, 21)
PROJECT_ID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
REACH = timedelta(days=30)
TROUBLES = ("connection-records", "app-user-access", "desktop-usage", "user-usage")


def empty_archive() -> Coverage:
    """Nothing archived, nothing due."""
    return coverage([], days=400)


def healthy_archive() -> Coverage:
    """Two kinds of one project, 400 days, every Sunday's empty."""
    return coverage([series(kind) for kind in TROUBLES[:2]], days=400)


def troubled_archive() -> Coverage:
    """Lost, at-risk, failed, missing and empty days; days whose manifests are unread; a snapshot; a filter."""
    ill: dict[int, CoveredDay] = {}
    for age, status in ((120, "lost"), (119, "lost"), (118, "lost"), (60, "lost"), (28, "at-risk"), (27, "at-risk")):
        ill[age] = gap(age, DayStatus(status))
    ill[21] = gap(
        21, DayStatus.FAILED, "TaskFailed", "The vendor could not make the file (WKS.00010404: internal error)"
    )
    ill[9] = gap(9, DayStatus.FAILED, "BadFile", "The file has 4,096 bytes where 6,453 were announced")
    ill |= {age: gap(age, DayStatus.MISSING) for age in (1, 0)}
    unread = {age: CoveredDay(day=day_of(age), status=DayStatus.ARCHIVED) for age in range(380, 400)}
    snapshots = [kept("desktops", PROJECT_ID, age) for age in range(395, -1, -30)]
    fresh = {age: gap(age, DayStatus.AT_RISK if age > 22 else DayStatus.MISSING) for age in range(29)}
    second = "f9e8d7c6b5a493827160f5e4d3c2b1a0"
    filtered = series("connection-records", days=90).model_copy(update={"filters": "filters-953e77498e0dc172"})
    return coverage(
        [
            series("connection-records", other=ill),
            filtered,
            series("app-user-access", other={age: ill[age] for age in (1, 0)}),
            series("desktop-usage", other=unread),
            SeriesCoverage(kind="desktops", project_id=PROJECT_ID, days=snapshots),
            series("connection-records", second, days=29, other=fresh),
        ],
        days=400,
        next_at_risk=DayAtRisk(
            kind="connection-records", project_id=PROJECT_ID, day=day_of(28), gone_at=gone_at(day_of(28))
        ),
        left_out=3,
    )


def large_archive(days: int, kinds: int = 12, projects: int = 5) -> Coverage:
    """Each kind of each project on each day, one in a hundred a gap."""
    words = (DayStatus.LOST, DayStatus.AT_RISK, DayStatus.FAILED, DayStatus.MISSING)
    gaps = {
        age: gap(age, words[age // 97 % 4], "TaskLost", "The vendor does not know the task")
        for age in range(5, days, 97)
    }
    return coverage(
        [
            series(kind, hashlib.sha256(bytes([number])).hexdigest()[:32], days=days, other=gaps)
            for number in range(projects)
            for kind in list(EXPORTS)[:kinds]
        ],
        days=days,
    )


def coverage(
    series: list[SeriesCoverage], *, days: int, next_at_risk: DayAtRisk | None = None, left_out: int = 0
) -> Coverage:
    """The whole of some series, counted."""
    every = [day for one in series for day in one.days]
    counts = Counter(day.status.replace("-", "_") for day in every)
    return Coverage(
        at=AT,
        first_day=day_of(days - 1),
        last_day=LAST_DAY,
        totals=Totals(**counts, size_bytes=sum(day.size_bytes or 0 for day in every)),
        next_at_risk=next_at_risk,
        series=series,
        left_out=left_out,
        unread=sum(day.status is DayStatus.ARCHIVED and day.size_bytes is None for day in every),
    )


def series(
    kind: str, project_id: str = PROJECT_ID, *, days: int = 400, other: Mapping[int, CoveredDay] | None = None
) -> SeriesCoverage:
    """Every day archived but those that are otherwise, by their age in days."""
    return SeriesCoverage(
        kind=kind,
        project_id=project_id,
        since=day_of(days - 1),
        days=[(other or {}).get(age) or kept(kind, project_id, age) for age in range(days - 1, -1, -1)],
    )


def kept(kind: str, project_id: str, age: int) -> CoveredDay:
    """An archived day with everything known; Sundays are empty."""
    day = day_of(age)
    digest = hashlib.sha256(f"{kind} {project_id} {day}".encode()).hexdigest()
    is_empty = day.isoweekday() == 7
    return CoveredDay(
        day=day,
        status=DayStatus.EMPTY if is_empty else DayStatus.ARCHIVED,
        size_bytes=0 if is_empty else 6000 + int(digest[:5], 16),
        landed_at=datetime.combine(day, time(4, 31, int(digest[:2], 16) % 60), UTC) + timedelta(days=1),
        sha256=digest,
        task_id=digest[::2],
    )


def gap(age: int, status: DayStatus, error: str | None = None, what: str | None = None) -> CoveredDay:
    """A day that is not archived."""
    day = day_of(age)
    return CoveredDay(day=day, status=status, gone_at=gone_at(day), error=error, what=what)


def day_of(age: int) -> date:
    """The day so many days before the last."""
    return LAST_DAY - timedelta(days=age)


def gone_at(day: date) -> datetime:
    """Until when the vendor has it."""
    return datetime.combine(day, time(), UTC) + REACH
