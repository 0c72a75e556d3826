"""Times of the status checks of a task."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

_A_MINUTE = timedelta(minutes=1)
_LONGEST_WAITS = 60


@dataclass(frozen=True, slots=True)
class PollingPolicy:
    """Policy of status checks: frequent at first, then at growing intervals, the last one at the deadline.

    Each wait is half the time that the task has taken so far. A file is therefore noticed late by at most half the time
    that the vendor took for it. A wait is at most a minute, or a sixtieth of the deadline where that is more. This
    bounds the number of status checks for any deadline, and with it the history of the state machine that waits.
    """

    deadline: timedelta
    shortest_wait: timedelta

    @property
    def longest_wait(self) -> timedelta:
        """Longest wait between two status checks."""
        return max(_A_MINUTE, self.deadline / _LONGEST_WAITS)

    def wait_seconds(self, elapsed: timedelta = timedelta()) -> int:
        """Return the whole seconds until the next status check of a task that was ordered that long ago."""
        wait = max(self.shortest_wait, min(elapsed / 2, self.longest_wait))
        wait = wait if self.is_over(elapsed) else min(wait, self.deadline - elapsed)
        return ceil(wait.total_seconds())

    def is_over(self, elapsed: timedelta) -> bool:
        """Return whether the task's time in this run is over."""
        return elapsed >= self.deadline
