"""When to look again at a task."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

_A_MINUTE = timedelta(minutes=1)
_LONGEST_WAITS = 60


@dataclass(frozen=True, slots=True)
class PollingPolicy:
    """Looks often while the file may come any moment, ever wider after that, and last at the deadline.

    Waiting half as long again as the task has taken so far means that a file is noticed at most half its own
    making time late. A wait is never longer than a minute, or than a sixtieth of the deadline where that is more: so
    the looks are bounded whatever the deadline is, and with them the history of the state machine that waits.
    """

    deadline: timedelta
    shortest_wait: timedelta

    @property
    def longest_wait(self) -> timedelta:
        """Between two looks."""
        return max(_A_MINUTE, self.deadline / _LONGEST_WAITS)

    def wait_seconds(self, elapsed: timedelta = timedelta()) -> int:
        """Whole seconds until the next look, for a task ordered that long ago."""
        wait = max(self.shortest_wait, min(elapsed / 2, self.longest_wait))
        wait = wait if self.is_over(elapsed) else min(wait, self.deadline - elapsed)
        return ceil(wait.total_seconds())

    def is_over(self, elapsed: timedelta) -> bool:
        """Whether the task has had all the time it gets in this run."""
        return elapsed >= self.deadline
