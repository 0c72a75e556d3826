"""How much time an invocation has left."""

import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment on the monotonic clock, which no clock adjustment moves."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        """That many seconds from now."""
        return cls(time.monotonic() + seconds)

    def earlier(self, seconds: float) -> Self:
        """That many seconds before this one."""
        return type(self)(self.at - seconds)

    def remaining_seconds(self) -> float:
        """Never negative."""
        return max(0.0, self.at - time.monotonic())
