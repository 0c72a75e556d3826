"""Time that an invocation has left."""

import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """Moment on the monotonic clock, which no clock adjustment moves."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """Return the deadline that many seconds from now."""
        return cls(time.monotonic() + seconds)

    def earlier(self, seconds: float) -> Self:
        """Return the deadline that many seconds before this one."""
        return type(self)(self.at - seconds)

    def remaining_seconds(self) -> float:
        """Return the seconds until the deadline; 0 if it has passed."""
        return max(0.0, self.at - time.monotonic())
