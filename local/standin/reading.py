"""How the vendor reads the bounds of a window, which its pages do not say."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

_SECOND = timedelta(seconds=1)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One reading; a record's time has milliseconds.

    Attributes:
        whole_seconds: compares a record's time without its fraction.
        start_included: takes a record at the very start.
        end_included: takes a record at the very end.
    """

    whole_seconds: bool = False
    start_included: bool = True
    end_included: bool = True

    def half_open(self, start: datetime, end: datetime) -> tuple[datetime, datetime]:
        """The first moment that belongs to the window, and the first one behind it."""
        step = _SECOND if self.whole_seconds else _MILLISECOND
        return start if self.start_included else start + step, end + step if self.end_included else end


READINGS = tuple(
    Reading(whole_seconds=whole_seconds, start_included=start_included, end_included=end_included)
    for whole_seconds, start_included, end_included in product((False, True), repeat=3)
)
"""All there are."""
