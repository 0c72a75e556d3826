"""How many calls a project may make: the gateway's throttling.

The vendor's own table of limits could not be read; ten calls a minute were measured at a sister service.
"""

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from local.standin.refusals import throttled


@dataclass(frozen=True, slots=True)
class Quota:
    """So many calls of a project in any stretch of so many seconds.

    ``tells_when`` sends Retry-After along with a refusal, whose presence is not documented.
    """

    calls: int
    seconds: float
    tells_when: bool = False


@dataclass
class Turnstile:
    """Counts the calls it lets through, by project; a refused one costs nothing. Not for several threads at once."""

    quota: Quota
    _admitted: defaultdict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))

    def admit(self, project_id: str, now: datetime) -> None:
        """Refuse the call if the project has used up its quota."""
        admitted = self._admitted[project_id]
        while admitted and admitted[0] <= now - timedelta(seconds=self.quota.seconds):
            admitted.popleft()
        if len(admitted) >= self.quota.calls:
            free_in = self.quota.seconds - (now - admitted[0]).total_seconds()
            raise throttled(self.quota.calls, self.quota.seconds, free_in if self.quota.tells_when else None)
        admitted.append(now)
