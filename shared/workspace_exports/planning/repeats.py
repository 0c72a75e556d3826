"""Whether what was ordered earlier will do for what is asked for now."""

from datetime import timedelta

from workspace_exports.contracts.events import PlacedExport
from workspace_exports.exports import find_export

REPEAT = timedelta(minutes=10)
"""An order of the same thing within this time is the same order, made twice by a click or a retry."""


def will_do(earlier: PlacedExport, now: PlacedExport, *, being_made: bool) -> bool:
    """Whether the file of the earlier order holds what a new one would.

    What had settled by then is the same for ever. What had not, an open side or a snapshot included, is the same
    only while the vendor is still at it, or within the time of a repetition, and never once it has settled.

    Args:
        earlier: an order of the same thing.
        now: what is asked for.
        being_made: whether the vendor still makes the earlier one's file.
    """
    rule = find_export(now.kind).window
    if rule.is_settled(earlier.window, earlier.ordered_at):
        return True
    if rule.is_settled(now.window, now.ordered_at):
        return False
    return being_made or now.ordered_at - earlier.ordered_at <= REPEAT
