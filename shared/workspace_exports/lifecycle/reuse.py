"""Rule for adopting an earlier order: its file must hold what a new one would."""

from datetime import timedelta

from workspace_exports.events import PlacedExport
from workspace_exports.exports import find_export

REPEAT = timedelta(minutes=10)
"""Time within which an equal order counts as the same one, placed twice by a click or a retry."""

_ONE_RUN = timedelta(hours=1)
"""Largest age of an order whose file, still being made, counts as the current state."""

_LONGEST_MAKING = timedelta(hours=48)
"""Largest age of a settled window's task that is still being made.

A task that has not ended after two daily runs is stuck, and a longer wait could lose the day.
"""


def is_reusable(earlier: PlacedExport, wanted: PlacedExport, *, being_made: bool) -> bool:
    """Return whether the file of the earlier order holds what a new one would, and may still come.

    A window that had settled at the earlier order has the same data forever. A window that had not settled, an open
    side or a snapshot counts as the same within `REPEAT`, or within an hour while the vendor still makes the file. Once
    the window has settled, an order from before that time is never adopted.

    Args:
        earlier: an order of the same kind, project, window and filters.
        wanted: the requested export.
        being_made: whether the vendor still makes the earlier one's file.
    """
    rule = find_export(wanted.kind).window
    age = abs(wanted.ordered_at - earlier.ordered_at)
    if rule.is_settled(earlier.window, earlier.ordered_at):
        return not being_made or age <= _LONGEST_MAKING
    if rule.is_settled(wanted.window, wanted.ordered_at):
        return False
    return age <= (_ONE_RUN if being_made else REPEAT)
