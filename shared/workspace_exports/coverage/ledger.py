"""Ledger of the archive, from the objects alone: a few listings and one small index per series and year."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import takewhile
from threading import Event
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from workspace_exports.archive.failures import Failure, read_failure_under
from workspace_exports.archive.layout import SeriesName, order_of_failure
from workspace_exports.archive.manifests import Manifest, parse_manifest
from workspace_exports.archive.order_log import read_order
from workspace_exports.core.concurrency import in_parallel
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import ArchiveUnavailable, Rejected
from workspace_exports.core.log import logger
from workspace_exports.coverage.days import covered_days, next_at_risk, totals
from workspace_exports.coverage.discovery import ArchiveSeries, discover_series
from workspace_exports.coverage.ledger_index import CoverageIndex, Landing
from workspace_exports.coverage.ledger_record import Coverage, CoverageRequest, CoveredDay, DayStatus, SeriesCoverage
from workspace_exports.coverage.outcomes import is_under_way
from workspace_exports.coverage.standing import Judgement, Span, Standing, read_standing
from workspace_exports.coverage.targets import Series
from workspace_exports.exports import EXPORTS
from workspace_exports.orders import OrderRecord
from workspace_exports.storage.store import Store

ContentT = TypeVar("ContentT")

DAYS_SHOWN = 400
"""Number of days that are shown by default."""
MOST_SERIES = 4_000
WORKERS = 32
"""Number of threads; all of their time is spent waiting for small objects."""

_AT_ONCE = 2 * WORKERS
_DAMAGED = "Its manifest cannot be understood: restore the manifest's first version, and verify the archive."


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLimits(Judgement):
    """Limits of an answer, and the judgement that it is based on.

    Attributes:
        most_days: the most days in an answer; one series is always shown.
        most_manifests: the most manifests that are read, the newest first; the index or the next answer has the rest.
        most_failures: the most failures that are read, the newest first, of days that are not archived.
        deadline: the time after which no work begins.
    """

    most_days: int
    most_manifests: int
    most_failures: int
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class _Look:
    """One series, and the content of its manifests as far as it is known.

    Attributes:
        standing: the standing of the series in the range.
        index: the manifests that have been read, now or before.
        damaged: the archived days whose manifests were read and not understood.
    """

    standing: Standing
    index: CoverageIndex
    damaged: set[date] = field(default_factory=set)

    @property
    def series(self) -> SeriesName:
        """Name of the series."""
        return self.standing.series

    def landing(self, day: date) -> Landing | None:
        """Return the landing of an archived day; None if its manifest has not been read."""
        return self.index.find(day.year, self.standing.archived[day])


class _Unread(NamedTuple):
    """Day of a series whose manifest or failure is to be read."""

    day: date
    look: _Look


_LookAt = Callable[[SeriesName, Event], _Look]


def read_coverage(
    store: Store,
    configured: Iterable[Series],
    request: CoverageRequest,
    terms: LedgerLimits,
    known: Mapping[SeriesName, Standing] = MappingProxyType({}),
) -> Coverage:
    """Return the days that the archive has, and the status of the others.

    Args:
        store: the archive.
        configured: the series that the archive is to have; other series found in it are shown too.
        request: the part of the archive to show.
        terms: the limits of the answer, and the rule by which a day is judged.
        known: the whole standings of series that were read just before; these series are not listed again.

    Raises:
        Rejected: the range begins with a day that is not over, or may still gain data.
        ArchiveUnavailable: the archive cannot be read, or there is no time left to read it.
    """
    census = discover_series(store, configured, request.kind, request.project_id)
    span = _span(request, census, terms)

    def look_at(series: SeriesName, _: Event) -> _Look:
        newest = terms.newest_asked(series.kind)
        own = Span(span.first, min(request.last_day or newest, newest))
        found = known.get(series) or read_standing(store, series, census.planned, own, terms)
        standing = found.within(own)
        return _Look(standing, CoverageIndex.read(store, series, {day.year for day in standing.archived}))

    looks, left_out = _looks(census, look_at, terms)
    cut_short = bool(left_out and not terms.deadline.remaining_seconds())
    if cut_short and not looks:
        raise ArchiveUnavailable("No time was left to read the archive", advice="Try again.")
    last_day = _last_day(span, looks)
    unplanned = sum(look.standing.is_unplanned for look in looks if look.series in census.wanted)
    unread = _read_manifests(store, looks, terms)
    failures = _read_failures(store, looks, terms)
    series = [_covered(look, failures[look.series], terms) for look in _let_go(looks)]
    return Coverage(
        at=terms.now,
        first_day=span.first,
        last_day=last_day,
        totals=totals(series),
        next_at_risk=next_at_risk(series),
        series=series,
        left_out=left_out,
        cut_short=cut_short,
        unplanned=unplanned,
        unread=unread,
    )


def _span(request: CoverageRequest, census: ArchiveSeries, terms: LedgerLimits) -> Span:
    kinds = {one.kind for one in census.names} or {request.kind} - {None} or set(EXPORTS)
    newest = max(terms.newest_day(kind) for kind in kinds if kind)
    last = min(request.last_day or newest, newest)
    first = request.first_day or date.fromordinal(max(last.toordinal() - DAYS_SHOWN + 1, 1))
    if first > last:
        raise Rejected(f"first_day {first} is not over, or may still gain data: the newest day is {newest}")
    return Span(first, last)


def _last_day(span: Span, looks: Iterable[_Look]) -> date:
    """Return the end of the range, or a later day that was asked for although it has not settled."""
    return max([span.last, *(max(look.standing.absent, default=span.last) for look in looks)])


def _looks(census: ArchiveSeries, look_at: _LookAt, terms: LedgerLimits) -> tuple[list[_Look], int]:
    """Return as many series as fit, in order, and the number of those left out.

    A series without a day is passed over unless it is configured or planned.
    """
    looks: list[_Look] = []
    passed = size = 0
    for look in _look_at_all(census, look_at, terms):
        if look.standing.size or look.series in census.wanted:
            size += look.standing.size
            if looks and (size > terms.most_days or len(looks) == MOST_SERIES):
                break
            looks.append(look)
        passed += 1
    return looks, len(census.names) - passed


def _look_at_all(census: ArchiveSeries, look_at: _LookAt, terms: LedgerLimits) -> Iterator[_Look]:
    """Yield the look at each series in order, until the deadline; a few are read ahead."""
    for start in range(0, len(census.names), _AT_ONCE):
        if terms.deadline.remaining_seconds():
            looks = in_parallel(look_at, census.names[start : start + _AT_ONCE], workers=WORKERS)
            yield from sorted(looks, key=lambda look: look.series)


def _read_manifests(store: Store, looks: Sequence[_Look], terms: LedgerLimits) -> int:
    """Read the manifests that no index has, the newest first, and return how many are left for the next answer."""
    wanted = [_Unread(day, look) for look in looks for day in look.standing.archived if look.landing(day) is None]
    changed: dict[SeriesName, CoverageIndex] = {}
    read = 0
    for (day, look), manifest in _read_newest(partial(_manifest, store), wanted, terms.most_manifests, terms.deadline):
        read += 1
        if manifest is None:
            look.damaged.add(day)
        else:
            look.index.note(day.year, look.standing.archived[day], manifest)
            changed[look.series] = look.index
    deque(in_parallel(lambda index, _: index.save(store), changed.values(), workers=WORKERS), maxlen=0)
    return len(wanted) - read


def _manifest(store: Store, unread: _Unread, _: Event) -> tuple[_Unread, Manifest | None]:
    """Return the day with its manifest, or with None if the manifest is damaged."""
    key = unread.look.standing.archived[unread.day].key
    content = store.read(key) or b""
    try:
        return unread, parse_manifest(key, content)
    except ArchiveUnavailable as error:
        logger.warning("manifest not understood", key=key, detail=error.what)
        return unread, None


def _read_failures(
    store: Store, looks: Sequence[_Look], terms: LedgerLimits
) -> dict[SeriesName, dict[date, Failure | None]]:
    """Return the failure of every day whose last try failed; None if it is not understood, or beyond the bound."""
    failures: dict[SeriesName, dict[date, Failure | None]] = {
        look.series: dict.fromkeys(look.standing.failures) for look in looks
    }
    wanted = [_Unread(day, look) for look in looks for day in look.standing.failures]
    for (day, look), last_try in _read_newest(partial(_last_try, store), wanted, terms.most_failures, terms.deadline):
        if is_under_way(last_try.order, last_try.failure, terms.now):
            del failures[look.series][day]
        else:
            failures[look.series][day] = last_try.failure
    return failures


class _Try(NamedTuple):
    """Last failure and last order on record of a day that is not archived."""

    failure: Failure | None
    order: OrderRecord | None


def _last_try(store: Store, unread: _Unread, _: Event) -> tuple[_Unread, _Try]:
    key = unread.look.standing.failures[unread.day]
    return unread, _Try(read_failure_under(store, key), read_order(store, order_of_failure(key)))


def _read_newest(
    read: Callable[[_Unread, Event], tuple[_Unread, ContentT]], unread: list[_Unread], most: int, deadline: Deadline
) -> Iterator[tuple[_Unread, ContentT]]:
    newest = sorted(unread, key=lambda one: one.day, reverse=True)[:most]
    in_time = takewhile(lambda _: deadline.remaining_seconds() > 0, newest)
    return in_parallel(read, in_time, workers=WORKERS)


def _let_go(looks: list[_Look]) -> Iterator[_Look]:
    """Yield each look in turn, and remove it from the list, so that it leaves memory afterwards."""
    while looks:
        yield looks.pop(0)


def _covered(look: _Look, failures: dict[date, Failure | None], terms: LedgerLimits) -> SeriesCoverage:
    archived = (_archived(day, look) for day in look.standing.archived)
    return SeriesCoverage(
        kind=look.series.kind,
        project_id=look.series.project_id,
        filters=look.series.filters_name.removeprefix(".") or None,
        since=look.standing.since,
        days=covered_days(archived, look.standing.absent, failures, terms.rule(look.series.kind)),
    )


def _archived(day: date, look: _Look) -> CoveredDay:
    if day in look.damaged:
        return CoveredDay(day=day, status=DayStatus.FAILED, error=ArchiveUnavailable.__name__, what=_DAMAGED)
    landing = look.landing(day)
    if landing is None:
        return CoveredDay(day=day, status=DayStatus.ARCHIVED)
    return CoveredDay(
        day=day,
        status=DayStatus.EMPTY if landing.is_empty else DayStatus.ARCHIVED,
        size_bytes=landing.size_bytes,
        landed_at=landing.landed_at,
        sha256=landing.sha256,
        task_id=landing.task_id,
        what=landing.note,
    )
