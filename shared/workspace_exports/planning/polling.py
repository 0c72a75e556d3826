"""When to look again at a task."""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil


@dataclass(frozen=True, slots=True)
class PollingPolicy:
    """Looks often while the file may come any moment, ever wider after that, and not beyond the deadline.

    Waiting half as long again as the task has taken so far means that a file is noticed at most half its own
    making time late, with a number of looks that grows with the logarithm of that time.
    """

    deadline: timedelta
    shortest_wait: timedelta
    longest_wait: timedelta = timedelta(seconds=60)

    def wait_seconds(self, elapsed: timedelta = timedelta()) -> int:
        """Whole seconds until the next look, for a task ordered that long ago."""
        wait = max(self.shortest_wait, min(elapsed / 2, self.longest_wait))
        return ceil(wait.total_seconds())

    def is_over(self, elapsed: timedelta) -> bool:
        """Whether the task has had all the time it gets in this run."""
        return elapsed >= self.deadline
