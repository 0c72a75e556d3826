"""Report on the outcome of a run, and on the days that are at risk or lost."""

from collections.abc import Iterable, Mapping

from workspace_exports import metrics
from workspace_exports.archive.layout import COVERAGE_PAGE, SeriesName, report_key, run_began_at
from workspace_exports.core.clock import utc_now
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.core.log import logger
from workspace_exports.coverage.ledger import LedgerLimits, read_coverage
from workspace_exports.coverage.ledger_record import CoverageRequest
from workspace_exports.coverage.notification import announce
from workspace_exports.coverage.outcomes import tally
from workspace_exports.coverage.page.rendering import render
from workspace_exports.coverage.reports import Announcement, ReportRequest, last_reported_run, write_report
from workspace_exports.coverage.standing import Standing
from workspace_exports.coverage.survey import read_traces, survey
from workspace_exports.coverage.targets import Series
from workspace_exports.coverage.watching import WatchingAccess
from workspace_exports.storage.store import Store

MOST_DAYS_ON_PAGE = 60_000
"""Most days on the page. At 2 KB each until it is written, they fit into the function's memory and into a browser."""
MOST_FAILURES_ON_PAGE = 5_000

_LAST_SECONDS = 60.0
"""Time to make and write the page once reading has ended: a slow storage must not hold up the report."""


def report_archive(request: ReportRequest, settings: WatchingAccess, deadline: Deadline) -> Announcement:
    """Judge every planned export by the archive's content, and keep the report in the archive.

    An archived export counts no matter which run or caller exported it.

    Raises:
        Rejected: `run` is not the name of a run.
        Misconfigured: the list of targets is invalid.
        ArchiveUnavailable: the plan or the archive's content cannot be read, or the report cannot be kept.
    """
    store = settings.open_archive()
    now, began_at = utc_now(), run_began_at(request.run)
    counted = tally(read_traces(store, request.run, began_at), began_at, now)
    terms = LedgerLimits(
        now=now,
        at_risk_days=settings.at_risk_days,
        kept_days=settings.kept_days,
        most_days=MOST_DAYS_ON_PAGE,
        most_manifests=MOST_DAYS_ON_PAGE,
        most_failures=MOST_FAILURES_ON_PAGE,
        deadline=deadline.earlier(_LAST_SECONDS),
    )
    series = settings.series()
    found = survey(store, series, terms, MOST_DAYS_ON_PAGE)
    missing = found.missing
    newly_lost = missing.lost_since(last_reported_run(store, request.run))
    metrics.record_days(
        missing=missing.reachable, at_risk=len(missing.at_risk), lost=len(missing.lost), newly_lost=newly_lost
    )
    report = counted.report(request, now, at_risk=missing.at_risk, lost=missing.lost)
    write_report(store, report)
    return announce(
        report, store.url_of(report_key(request.run)), _write_page(store, series, found.classify_days, terms)
    )


def _write_page(
    store: Store, series: Iterable[Series], known: Mapping[SeriesName, Standing], terms: LedgerLimits
) -> str | None:
    """Write the page and return its URL; None if it could not be written, or no time was left: the last page stays."""
    try:
        coverage = read_coverage(store, series, CoverageRequest(), terms, known)
        store.replace(COVERAGE_PAGE, render(coverage).encode(), content_type="text/html; charset=utf-8")
    except ArchiveUnavailable as error:
        logger.warning("coverage page not written", detail=str(error))
        return None
    return store.url_of(COVERAGE_PAGE)
