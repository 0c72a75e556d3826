"""Answer to show-coverage: the days that the archive has, and the status of the others."""

from datetime import timedelta

from workspace_exports.core.clock import utc_now
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.ttl_cache import TTLCache
from workspace_exports.coverage.ledger import LedgerLimits, read_coverage
from workspace_exports.coverage.ledger_record import Coverage, CoverageRequest
from workspace_exports.coverage.watching import WatchingAccess

MOST_DAYS = 24_000
"""Most days in an answer: 400 of each of 60 series. At less than 250 bytes each, they fit into a function's 6 MB."""
MOST_MANIFESTS = 2_000
MOST_FAILURES = 500
KEPT_FOR = timedelta(minutes=1)

_LAST_SECONDS = 5.0
"""Time to write the index back and to put the answer together once reading has ended."""
_shown: TTLCache[tuple[CoverageRequest, WatchingAccess], Coverage] = TTLCache(KEPT_FOR, most=4)


def show_coverage(request: CoverageRequest, settings: WatchingAccess, deadline: Deadline) -> Coverage:
    """Return the archive's coverage; an answer of the last minute is returned again if it was complete.

    Raises:
        Rejected: the range begins with a day that is not over, or may still gain data.
        Misconfigured: the list of targets is invalid.
        ArchiveUnavailable: the archive cannot be read, or there is no time left to read it.
    """
    shown = _shown.find((request, settings))
    if shown:
        return shown
    terms = LedgerLimits(
        now=utc_now(),
        at_risk_days=settings.at_risk_days,
        kept_days=settings.kept_days,
        most_days=MOST_DAYS,
        most_manifests=MOST_MANIFESTS,
        most_failures=MOST_FAILURES,
        deadline=deadline.earlier(_LAST_SECONDS),
    )
    coverage = read_coverage(settings.open_archive(), settings.series(), request, terms)
    if not (coverage.unread or coverage.cut_short):
        _shown.keep((request, settings), coverage)
    return coverage
