"""Whether a call is worth another attempt, and after how long: a pure function of what is known.

Full jitter between zero and an exponentially growing bound, so that many callers do not come back together; a
Retry-After is obeyed, or, where it asks for more than a function should wait, left to the state machine.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from workspace_exports.core.errors import ExportError, FetchAgain, Transient

_FIRST_BOUND_SECONDS = 1.0
_ROOM_FOR_AN_ANSWER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and how long to wait in between at most."""

    attempts: int = 4
    longest_wait_seconds: float = 10.0

    def next_wait(
        self, attempt: int, error: ExportError, remaining_seconds: float, draw: Callable[[], float]
    ) -> float | None:
        """Seconds to wait before the next attempt of a call that may be repeated; None to stop.

        Args:
            attempt: how many attempts there have been, from 1.
            error: what the last one came to; its class says whether it may pass.
            remaining_seconds: what the function has left.
            draw: a random number from 0 to 1.
        """
        if attempt >= self.attempts or not isinstance(error, Transient | FetchAgain):
            return None
        bound = min(self.longest_wait_seconds, math.ldexp(_FIRST_BOUND_SECONDS, attempt - 1))
        wait = max(draw() * bound, error.retry_after_seconds or 0.0)
        longest = min(self.longest_wait_seconds, remaining_seconds - _ROOM_FOR_AN_ANSWER_SECONDS)
        return wait if wait <= longest else None


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """What Retry-After asks for, as seconds or as a date; None where it makes no sense, 0 where it is past.

    A date is compared with the answer's own Date, if it has one: it is the vendor's clock that counts.
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        moment, vendors_now = http_date(text), http_date(headers.get("date", "")) or now
        return None if moment is None else max(0.0, (moment - vendors_now).total_seconds())
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def http_date(text: str) -> datetime | None:
    """An HTTP date as an aware time; None for anything else."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
