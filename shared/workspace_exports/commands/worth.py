"""Days that an export counts for: a whole day that has settled; any other export stands for itself only."""

from dataclasses import dataclass
from datetime import datetime

from workspace_exports.core.errors import Rejected
from workspace_exports.events import ExportRequest, PlacedExport
from workspace_exports.exports import find_export


@dataclass(frozen=True, slots=True)
class Worth:
    """Day that an archived export counts for.

    Attributes:
        says: the day in words, behind `counts`.
        is_early: a whole day was asked for, and the file is not the whole of it.
    """

    says: str
    is_early: bool = False


def worth_of(export: PlacedExport) -> Worth:
    """Return the day that an export counts for, by its window and by the time of its order."""
    declared, window = find_export(export.kind), export.window
    if not declared.window.has_days:
        return Worth(f"for no day: a snapshot, ordered at {_time(export.ordered_at)}")
    early = not declared.window.is_settled(window, export.ordered_at)
    if window.day is None:
        later = f"; {_more_to_come(export)}" if early else ""
        return Worth(f"for no day: {window} is none, and stands for itself only{later}")
    if early:
        return Worth(f"not yet: {window.day} was ordered early; {_more_to_come(export)}", is_early=True)
    if declared.distinguishing(export.filters):
        return Worth(f"for {window.day} with these filters only, never for the whole day")
    return Worth(f"for {window.day}")


def refuse_early(request: ExportRequest, now: datetime) -> None:
    """Raise unless the window has settled, so that no more data can come.

    Args:
        request: the export that is about to be ordered.
        now: the time of the order.

    Raises:
        Rejected: it never settles, or has not settled yet; the text says when it will.
    """
    settles_at = find_export(request.kind).window.settles_at(request.window)
    if settles_at is None:
        raise Rejected(
            "What has no end never settles: a snapshot, or a window with an open side",
            advice="Leave --settled out, or give a day, or start and end.",
        )
    if now < settles_at:
        raise Rejected.too_early(
            f"{request.window.day or request.window} does not count yet: it may gain data until {_time(settles_at)}",
            (settles_at - now).total_seconds(),
        )


def _more_to_come(export: PlacedExport) -> str:
    settles_at = find_export(export.kind).window.settles_at(export.window)
    if settles_at is None:
        return f"more may have come since it was ordered at {_time(export.ordered_at)}"
    return f"more may come until {_time(settles_at)}: export it again after that"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
