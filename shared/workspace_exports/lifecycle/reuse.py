"""Whether what was ordered earlier will do for what is asked for now."""

from datetime import timedelta

from workspace_exports.events import PlacedExport
from workspace_exports.exports import find_export

REPEAT = timedelta(minutes=10)
"""An order of the same thing within this time is the same order, made twice by a click or a retry."""

_ONE_RUN = timedelta(hours=1)
"""How old the file may be that stands for the state of now, because it took so long to make."""

_LONGEST_MAKING = timedelta(hours=48)
"""A task that is not done after a daily run and the next is stuck: to wait for it on would cost the day."""


def is_reusable(earlier: PlacedExport, wanted: PlacedExport, *, being_made: bool) -> bool:
    """Whether the file of the earlier order holds what a new one would, and may still come.

    What had settled by then is the same for ever. What had not, an open side or a snapshot included, is the same
    within the time of a repetition, or a little longer where the vendor is still at it, and never once it has settled.

    Args:
        earlier: an order of the same thing.
        wanted: what is asked for.
        being_made: whether the vendor still makes the earlier one's file.
    """
    rule = find_export(wanted.kind).window
    age = abs(wanted.ordered_at - earlier.ordered_at)
    if rule.is_settled(earlier.window, earlier.ordered_at):
        return not being_made or age <= _LONGEST_MAKING
    if rule.is_settled(wanted.window, wanted.ordered_at):
        return False
    return age <= (_ONE_RUN if being_made else REPEAT)
