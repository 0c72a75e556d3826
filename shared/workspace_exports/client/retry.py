"""Decision about a retry and the wait before it, as a pure function of the known facts.

The wait has full jitter between zero and an exponentially growing bound, so that many callers do not return together.
A Retry-After is obeyed. If it asks for more than a function should wait, the state machine waits instead.
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
    """Limits of retries: the number of attempts, and the longest wait between two."""

    attempts: int = 4
    longest_wait_seconds: float = 10.0

    def next_wait(
        self, attempt: int, error: ExportError, remaining_seconds: float, draw: Callable[[], float]
    ) -> float | None:
        """Return the seconds to wait before the next attempt of a call that may be repeated; None to stop.

        Args:
            attempt: number of attempts so far, from 1.
            error: the error of the last attempt; its class says whether it may pass.
            remaining_seconds: time that the function has left.
            draw: returns a random number from 0 to 1.
        """
        if attempt >= self.attempts or not isinstance(error, Transient | FetchAgain):
            return None
        bound = min(self.longest_wait_seconds, math.ldexp(_FIRST_BOUND_SECONDS, attempt - 1))
        wait = max(draw() * bound, error.retry_after_seconds or 0.0)
        longest = min(self.longest_wait_seconds, remaining_seconds - _ROOM_FOR_AN_ANSWER_SECONDS)
        return wait if wait <= longest else None


def retry_after_seconds(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for; None if it makes no sense, 0 if its date is past.

    The header holds seconds or a date. A date is compared with the answer's own Date, if there is one, because the
    vendor's clock counts.
    """
    text = headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        moment, vendors_now = http_date(text), http_date(headers.get("date", "")) or now
        return None if moment is None else max(0.0, (moment - vendors_now).total_seconds())
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def http_date(text: str) -> datetime | None:
    """Return an HTTP date as an aware time; None for any other text."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError, TypeError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
