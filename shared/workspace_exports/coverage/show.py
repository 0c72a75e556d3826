"""Show which days the archive has, and how the others stand."""

from datetime import timedelta

from workspace_exports.core.clock import utc_now
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.ttl_cache import TTLCache
from workspace_exports.coverage.ledger import LedgerLimits, read_coverage
from workspace_exports.coverage.ledger_record import Coverage, CoverageRequest
from workspace_exports.coverage.watching import WatchingAccess

MOST_DAYS = 24_000
"""400 days of 60 series; at less than 250 bytes each, they fit into the 6 MB that a function may return."""
MOST_MANIFESTS = 2_000
MOST_FAILURES = 500
KEPT_FOR = timedelta(minutes=1)

_LAST_SECONDS = 5.0
"""For what is written back and put together once reading has ended."""
_shown: TTLCache[tuple[CoverageRequest, WatchingAccess], Coverage] = TTLCache(KEPT_FOR, most=4)


def show_coverage(request: CoverageRequest, settings: WatchingAccess, deadline: Deadline) -> Coverage:
    """Looks at the archive, or says again what it said within the last minute, if that was all there is to say.

    Raises:
        Rejected: there is nothing to tell about the range yet.
        Misconfigured: the list of targets is of no use.
        ArchiveUnavailable: the archive cannot be read.
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
