"""Counts, sizes and times in words for people."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from workspace_exports.coverage.ledger_record import DayStatus, Totals

GAPS = (DayStatus.LOST, DayStatus.AT_RISK, DayStatus.FAILED, DayStatus.MISSING)
"""Statuses of days that are not archived, the worst first."""

_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")


def status_words(status: DayStatus) -> str:
    """Return the status in words, such as `at risk`."""
    return status.replace("-", " ")


def counted(totals: Totals) -> dict[DayStatus, int]:
    """Return the totals by status."""
    return {status: getattr(totals, status.replace("-", "_")) for status in DayStatus}


def counts_sentence(counts: Mapping[DayStatus, int]) -> str:
    """Return a text such as `6,012 of 6,020 days archived (14 of them empty), 1 lost, 2 at risk`."""
    total, empty = sum(counts.values()), counts.get(DayStatus.EMPTY, 0)
    archived = counts.get(DayStatus.ARCHIVED, 0) + empty
    if not total:
        return "No day is archived yet, and none was planned"
    whole = f"All {total:,}" if archived == total > 1 else f"{archived:,} of {total:,}"
    days = "day" if total == 1 else "days"
    return f"{whole} {days} archived{f' ({empty:,} of them empty)' if empty else ''}{''.join(_gaps(counts))}"


def worst_of(counts: Mapping[DayStatus, int]) -> DayStatus | None:
    """Return the status to show for all of these days; None if there is no day."""
    if not any(counts.values()):
        return None
    return next((status for status in GAPS if counts.get(status)), DayStatus.ARCHIVED)


def gaps_words(counts: Mapping[DayStatus, int]) -> str:
    """Return a text such as `1 lost, 2 at risk`; empty if every day is archived."""
    return "".join(_gaps(counts)).removeprefix(", ")


def _gaps(counts: Mapping[DayStatus, int]) -> list[str]:
    return [f", {counts[status]:,} {status_words(status)}" for status in GAPS if counts.get(status)]


def size_words(size_bytes: int) -> str:
    """Return a text such as `4.3 GiB`: binary units and one decimal below 100; whole bytes below one KiB."""
    if size_bytes < 1024:  # noqa: PLR2004 - bytes of a KiB
        return f"{size_bytes} B"
    size, unit = size_bytes / 1024, _UNITS[0]
    for larger in _UNITS[1:]:
        if size < 999.5:  # noqa: PLR2004 - from here on it reads 1000
            break
        size, unit = size / 1024, larger
    return f"{size:,.{0 if size >= 99.95 else 1}f} {unit}"  # noqa: PLR2004 - from here on it has three digits before the point


def time_words(moment: datetime) -> str:
    """Return a text such as `2026-11-20 04:31:12Z`, which HTML's `time` accepts as it is."""
    return f"{moment.astimezone(UTC).isoformat(' ')[:19]}Z"


def left_words(left: timedelta) -> str:
    """Return a text such as `3 days` or `5 hours`, rounded down; `no time` if none is left."""
    hours = int(left.total_seconds() // 3600)
    if left <= timedelta():
        return "no time"
    if not hours:
        return "less than an hour"
    number, unit = (hours // 24, "day") if hours >= 48 else (hours, "hour")  # noqa: PLR2004 - a single day is clearer in hours
    return f"{number:,} {unit}{'s' if number > 1 else ''}"
