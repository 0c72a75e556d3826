"""What the reports of a stand-in hold, apart from what was asked for."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from local.standin.columns import Generation
from local.standin.windows import Reading, Span


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What reports hold.

    Attributes:
        generation: Which state of the vendor's console guide the headings follow.
        canaries: Whether every row names the invented person of ``CANARIES``, for tests that look for leaks.
        records: When the records of every windowed export were made; None makes some up.
        reading: How records are compared with the bounds of a window.
    """

    generation: Generation = "2026"
    canaries: bool = False
    records: Collection[datetime] | None = None
    reading: Reading = field(default_factory=Reading)

    def moments(self, span: Span | None) -> tuple[datetime, ...] | None:
        """Answer the times of the records in a window; None where they are not given."""
        if self.records is None or span is None:
            return None
        return tuple(moment for moment in sorted(self.records) if self.reading.holds(span, moment))
