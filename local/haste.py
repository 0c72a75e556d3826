"""Time that flies: an hour of waiting in a few minutes, for everybody who has a clock, by one scale."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Haste:
    """A clock that has run ``speed`` times as fast as the real one ever since ``since``, in seconds of the epoch.

    Handed to the stand-in as its clock and to the engine, it is the time of the vendor, of Wait states and retries, and
    of the handlers, what they sleep included. Not of what they compute, nor of what storage stamps on objects: a call
    that takes 0.1 s on this machine looks as if it took ``speed`` times that.
    """

    speed: float
    since: float = field(default_factory=time.time)

    def __call__(self) -> datetime:
        """Answer an aware UTC time."""
        return datetime.fromtimestamp(self.since + (time.time() - self.since) * self.speed, UTC)
