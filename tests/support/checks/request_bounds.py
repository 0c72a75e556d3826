"""How many requests each function may make of storage, by formula: the listings are what grows with an archive."""

from math import ceil
from typing import NamedTuple

from tests.support.builders.filled_archives import KINDS_WITH_DAYS, Archive
from tests.support.servers.bucket import PAGE
from workspace_exports.coverage.ledger import DAYS_SHOWN, WORKERS
from workspace_exports.coverage.report import MOST_DAYS_ON_PAGE
from workspace_exports.coverage.show import MOST_DAYS, MOST_MANIFESTS

PART_BYTES = 8 * 1024 * 1024

_LOOKED_AT_ONCE = 2 * WORKERS
_FOR_A_WINDOW = 15
_OF_THE_VENDOR = 3


def plan_requests(archive: Archive, plan_bytes: int, *, whole: bool = True) -> int:
    """The list of projects, one listing for each series however old it is, and the plan.

    Args:
        archive: what is planned for.
        plan_bytes: the size of the plan.
        whole: all that can be had is planned, and its beginning noted; otherwise a range.
    """
    series = archive.projects * len(archive.kinds_with_days)
    noting = _pages(series) if archive.planned else _pages(0) + series
    return 1 + series + _parts(plan_bytes) + (noting if whole else 0)


def window_requests(windows: int) -> int:
    """To order, to look once and to fetch, of storage and vendor together; the list of projects once."""
    return 1 + windows * (_FOR_A_WINDOW + _OF_THE_VENDOR)


def coverage_requests(archive: Archive) -> int:
    """One look at an archive whose days are all there: it shows as many series as fit, and lists few more."""
    return 1 + _looking(archive, MOST_DAYS) + _reading(archive, MOST_DAYS, MOST_MANIFESTS)


def report_requests(archive: Archive) -> int:
    """On a run that planned all days of the archive: one manifest for each, one look at each series, and the page.

    The page goes by that look; it needs the names of what else there is, and the indexes.
    """
    series = archive.projects * len(archive.kinds_with_days)
    planned = series * archive.days
    reports = 1
    judged = 1 + 1 + planned + 1 + 3 * series + reports
    page = _census(archive) + series * archive.years_shown
    return judged + 1 + page + _reading(archive, MOST_DAYS_ON_PAGE, MOST_DAYS_ON_PAGE) + 1


class _Look(NamedTuple):
    """How many series are shown, and how many are looked at for that."""

    shown: int
    looked_at: int


def _look(archive: Archive, most_days: int) -> _Look:
    series = archive.projects * len(archive.kinds)
    fitting = most_days // min(archive.days, DAYS_SHOWN)
    if series <= fitting:
        return _Look(series, series)
    return _Look(fitting, min(series, _LOOKED_AT_ONCE * ceil((fitting + 1) / _LOOKED_AT_ONCE)))


def _looking(archive: Archive, most_days: int) -> int:
    """The names of all series; of each that is looked at, its manifests, failures, beginning, and index by year."""
    _, looked_at = _look(archive, most_days)
    kinds = sorted(archive.kinds)
    with_days = sum(kinds[number % len(kinds)] in KINDS_WITH_DAYS for number in range(looked_at))
    return _census(archive) + looked_at * (1 + archive.years_shown) + with_days * (2 if archive.planned else 1)


def _census(archive: Archive) -> int:
    """The names of all series: what was planned, and the folders of manifests and failures."""
    noted = archive.projects * len(archive.kinds_with_days) if archive.planned else 0
    return _pages(noted) + 2 + len(archive.kinds) * _pages(archive.projects)


def _reading(archive: Archive, most_days: int, most_manifests: int) -> int:
    """The manifests that no index has, and the indexes that are written then."""
    if archive.indexed:
        return 0
    shown, _ = _look(archive, most_days)
    return min(most_manifests, shown * min(archive.days, DAYS_SHOWN)) + shown * archive.years_shown


def _pages(keys: int) -> int:
    return max(1, ceil(keys / PAGE))


def _parts(size_bytes: int) -> int:
    """An upload in parts is begun and ended too."""
    return max(1, ceil(size_bytes / PART_BYTES)) + 2
