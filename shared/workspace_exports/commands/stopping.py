"""Stop of a run from outside: waits end at once, and a download ends before its next piece."""

from dataclasses import dataclass, field
from threading import Event
from typing import Self

from workspace_exports.core.deadline import Deadline


@dataclass(frozen=True, slots=True)
class StoppableDeadline(Deadline):
    """Deadline that has passed as soon as the run is stopped.

    Attributes:
        stopped: set from outside.
    """

    stopped: Event = field(default_factory=Event)

    @classmethod
    def until(cls, seconds: float, stopped: Event) -> Self:
        """Return the deadline that many seconds from now, or at the stop."""
        return cls(Deadline.after(seconds).at, stopped)

    def earlier(self, seconds: float) -> Self:
        """Return the deadline that many seconds before this one."""
        return type(self)(self.at - seconds, self.stopped)

    def remaining_seconds(self) -> float:
        """Return the seconds until the deadline; 0 if it has passed or the run is stopped."""
        return 0.0 if self.stopped.is_set() else Deadline.remaining_seconds(self)


def wait_unless(stopped: Event, seconds: float) -> None:
    """Wait that long.

    Raises:
        KeyboardInterrupt: the run is stopped. It is no error of an export, so that no failure is recorded.
    """
    if stopped.wait(seconds):
        raise KeyboardInterrupt
