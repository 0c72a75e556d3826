"""What the archive has, from the objects alone: a few listings and one small index per series and year."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import takewhile
from threading import Event
from typing import NamedTuple, TypeVar

from workspace_exports.archive.census import Census, take_census
from workspace_exports.archive.coverage_index import CoverageIndex, Landing
from workspace_exports.archive.failures import read_failure_under
from workspace_exports.archive.foreign import only_ours
from workspace_exports.archive.keys import (
    SeriesName,
    before_day,
    before_snapshots,
    failures_prefix,
    manifests_prefix,
    snapshot_day,
    whole_day,
)
from workspace_exports.archive.listing import StoredObject
from workspace_exports.archive.manifests import parse_manifest
from workspace_exports.archive.parallel import in_parallel
from workspace_exports.archive.since import read_first_day
from workspace_exports.archive.store import Store
from workspace_exports.contracts.coverage import Coverage, CoverageRequest, CoveredDay, DayStatus, SeriesCoverage
from workspace_exports.contracts.failures import Failure
from workspace_exports.contracts.manifest import Manifest
from workspace_exports.contracts.targets import Series
from workspace_exports.deadline import Deadline
from workspace_exports.errors import ArchiveUnavailable, Rejected
from workspace_exports.exports import EXPORTS, find_export
from workspace_exports.log import logger
from workspace_exports.planning.coverage import Rule, covered_days, next_at_risk, standings, totals
from workspace_exports.planning.missing import settled_day

ContentT = TypeVar("ContentT")

DAYS_SHOWN = 400
"""By default."""
MOST_SERIES = 4_000
WORKERS = 32
"""All of the time is spent waiting for small objects."""

_AT_ONCE = 2 * WORKERS
_DAMAGED = "Its manifest cannot be understood: restore the manifest's first version, and verify the archive."
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an answer goes by, and how large it may get.

    Attributes:
        now: when the archive is looked at.
        at_risk_days: so many days before the vendor drops it, a missing day is at risk.
        kept_days: so long the archive keeps what it has; 0 for ever.
        most_days: as many as fit; one series is always shown.
        most_manifests: as many are read, the newest first; the index has the rest, or the next answer.
        most_failures: the same, for those of days that are not archived.
        deadline: nothing is begun after it.
    """

    now: datetime
    at_risk_days: int
    kept_days: int = 0
    most_days: int
    most_manifests: int
    most_failures: int
    deadline: Deadline

    def rule(self, kind: str) -> Rule:
        """How days of that kind are judged."""
        return Rule(find_export(kind).window, self.now, self.at_risk_days, self.kept_days)

    def newest_day(self, kind: str) -> date:
        """The newest day of that kind that can be told about: it has settled, or is today's, for a snapshot."""
        window = find_export(kind).window
        return settled_day(window, self.now) if window.has_days else self.now.date()


class _Span(NamedTuple):
    """Both ends inclusive."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class _Look:
    """One series, before any manifest is read.

    Attributes:
        archived: the manifest of every day.
        standing: the other days.
        failures: the keys of what is on record of the other days.
        index: what is known of the manifests.
        damaged: the archived days whose manifests have been read and not understood.
    """

    series: SeriesName
    since: date | None
    archived: dict[date, StoredObject]
    standing: dict[date, DayStatus]
    failures: dict[date, str]
    index: CoverageIndex
    damaged: set[date] = field(default_factory=set)

    @property
    def size(self) -> int:
        """How many days it has to show."""
        return len(self.archived) + len(self.standing)

    @property
    def is_unplanned(self) -> bool:
        """Whether it has days, and none of them was ever planned."""
        return self.since is None and find_export(self.series.kind).window.has_days

    def landing(self, day: date) -> Landing | None:
        """What is known of the archived day."""
        return self.index.find(day.year, self.archived[day])


class _Unread(NamedTuple):
    """A day of a series whose manifest, or failure, is to be read."""

    day: date
    look: _Look


def read_coverage(store: Store, configured: Iterable[Series], request: CoverageRequest, terms: Terms) -> Coverage:
    """Which days the archive has, and how the others stand.

    Args:
        store: the archive.
        configured: what it is to have; whatever else it has is shown too.
        request: which part of it.
        terms: how large the answer may get, and what a day is judged by.

    Raises:
        Rejected: there is nothing to tell about the range yet.
        ArchiveUnavailable: the archive cannot be read.
    """
    census = take_census(store, configured, request.kind, request.project_id)
    span = _span(request, census, terms)
    looks, left_out = _looks(store, census, span, terms)
    cut_short = bool(left_out and not terms.deadline.remaining_seconds())
    if cut_short and not looks:
        raise ArchiveUnavailable("There was no time left to look at the archive", advice="Try again.")
    unplanned = sum(look.is_unplanned for look in looks if look.series in census.wanted)
    unread = _read_manifests(store, looks, terms)
    failures = _read_failures(store, looks, terms)
    series = [_covered(look, failures[look.series], terms) for look in _let_go(looks)]
    return Coverage(
        at=terms.now,
        first_day=span.first,
        last_day=span.last,
        totals=totals(series),
        next_at_risk=next_at_risk(series),
        series=series,
        left_out=left_out,
        cut_short=cut_short,
        unplanned=unplanned,
        unread=unread,
    )


def _span(request: CoverageRequest, census: Census, terms: Terms) -> _Span:
    kinds = {one.kind for one in census.names} or {request.kind} - {None} or set(EXPORTS)
    newest = max(terms.newest_day(kind) for kind in kinds if kind)
    last = min(request.last_day or newest, newest)
    first = request.first_day or date.fromordinal(max(last.toordinal() - DAYS_SHOWN + 1, 1))
    if first > last:
        raise Rejected(f"first_day {first} is not over, or may still gain data: the newest day is {newest}")
    return _Span(first, last)


def _looks(store: Store, census: Census, span: _Span, terms: Terms) -> tuple[list[_Look], int]:
    """As many series as fit, in order, and how many do not; what is in nobody's plan and has no day is none."""
    looks: list[_Look] = []
    passed = size = 0
    for look in _look_at_all(store, census, span, terms):
        if look.size or look.series in census.wanted:
            size += look.size
            if looks and (size > terms.most_days or len(looks) == MOST_SERIES):
                break
            looks.append(look)
        passed += 1
    return looks, len(census.names) - passed


def _look_at_all(store: Store, census: Census, span: _Span, terms: Terms) -> Iterator[_Look]:
    """In order, until the deadline; a few are looked at ahead."""
    work = partial(_look_at, store, census, span, terms)
    for start in range(0, len(census.names), _AT_ONCE):
        if terms.deadline.remaining_seconds():
            looks = in_parallel(work, census.names[start : start + _AT_ONCE], workers=WORKERS)
            yield from sorted(looks, key=lambda look: look.series)


def _look_at(store: Store, census: Census, span: _Span, terms: Terms, series: SeriesName, _: Event) -> _Look:
    has_days = find_export(series.kind).window.has_days
    own = _Span(span.first, min(span.last, terms.newest_day(series.kind)))
    archived = _manifests(store, series, own) if has_days else _snapshots(store, series, own)
    since = read_first_day(store, series) if has_days and series in census.noted else None
    standing = standings(since and max(since, own.first), archived.keys(), own.last, terms.rule(series.kind))
    return _Look(
        series=series,
        since=since,
        archived=archived,
        standing=standing,
        failures=_failures(store, series, list(standing)),
        index=CoverageIndex.read(store, series, {day.year for day in archived}),
    )


def _manifests(store: Store, series: SeriesName, span: _Span) -> dict[date, StoredObject]:
    prefix = manifests_prefix(series.kind, series.project_id)
    listed = only_ours(store.objects(prefix, before_day(prefix, span.first), before_day(prefix, span.last + _A_DAY)))
    return {day: stored for stored in listed if (day := whole_day(stored.key, series.filters_name))}


def _snapshots(store: Store, series: SeriesName, span: _Span) -> dict[date, StoredObject]:
    """The last one of every day on which one was ordered."""
    prefix = manifests_prefix(series.kind, series.project_id)
    listed = store.objects(prefix, before_snapshots(prefix, span.first), before_snapshots(prefix, span.last + _A_DAY))
    in_order = sorted(only_ours(listed), key=lambda stored: stored.key)
    return {day: stored for stored in in_order if (day := snapshot_day(stored.key, series.filters_name))}


def _failures(store: Store, series: SeriesName, days: Sequence[date]) -> dict[date, str]:
    """The keys of what is on record of those days."""
    if not days:
        return {}
    prefix, wanted = failures_prefix(series.kind, series.project_id), set(days)
    listed = store.objects(prefix, before_day(prefix, days[0]), before_day(prefix, days[-1] + _A_DAY))
    pairs = ((whole_day(one.key, series.filters_name), one.key) for one in listed)
    return {day: key for day, key in pairs if day in wanted}


def _read_manifests(store: Store, looks: Sequence[_Look], terms: Terms) -> int:
    """Reads what no index has, the newest first; how many are left to the next answer."""
    wanted = [_Unread(day, look) for look in looks for day in look.archived if look.landing(day) is None]
    changed: dict[SeriesName, CoverageIndex] = {}
    read = 0
    for (day, look), manifest in _read_newest(partial(_manifest, store), wanted, terms.most_manifests, terms.deadline):
        read += 1
        if manifest is None:
            look.damaged.add(day)
        else:
            look.index.note(day.year, look.archived[day], manifest)
            changed[look.series] = look.index
    deque(in_parallel(lambda index, _: index.save(store), changed.values(), workers=WORKERS), maxlen=0)
    return len(wanted) - read


def _manifest(store: Store, unread: _Unread, _: Event) -> tuple[_Unread, Manifest | None]:
    """None where it is damaged."""
    key = unread.look.archived[unread.day].key
    content = store.read(key) or b""
    try:
        return unread, parse_manifest(key, content)
    except ArchiveUnavailable as error:
        logger.warning("manifest not understood", key=key, detail=error.what)
        return unread, None


def _read_failures(store: Store, looks: Sequence[_Look], terms: Terms) -> dict[SeriesName, dict[date, Failure | None]]:
    """Of every day that has one; None where it cannot be understood, or there are more than are read."""
    failures: dict[SeriesName, dict[date, Failure | None]] = {
        look.series: dict.fromkeys(look.failures) for look in looks
    }
    wanted = [_Unread(day, look) for look in looks for day in look.failures]
    for (day, look), failure in _read_newest(partial(_failure, store), wanted, terms.most_failures, terms.deadline):
        failures[look.series][day] = failure
    return failures


def _failure(store: Store, unread: _Unread, _: Event) -> tuple[_Unread, Failure | None]:
    return unread, read_failure_under(store, unread.look.failures[unread.day])


def _read_newest(
    read: Callable[[_Unread, Event], tuple[_Unread, ContentT]], unread: list[_Unread], most: int, deadline: Deadline
) -> Iterator[tuple[_Unread, ContentT]]:
    newest = sorted(unread, key=lambda one: one.day, reverse=True)[:most]
    in_time = takewhile(lambda _: deadline.remaining_seconds() > 0, newest)
    return in_parallel(read, in_time, workers=WORKERS)


def _let_go(looks: list[_Look]) -> Iterator[_Look]:
    """Each in its turn, and in memory no longer than that."""
    while looks:
        yield looks.pop(0)


def _covered(look: _Look, failures: dict[date, Failure | None], terms: Terms) -> SeriesCoverage:
    archived = (_archived(day, look) for day in look.archived)
    return SeriesCoverage(
        kind=look.series.kind,
        project_id=look.series.project_id,
        filters=look.series.filters_name.removeprefix(".") or None,
        since=look.since,
        days=covered_days(archived, look.standing, failures, terms.rule(look.series.kind)),
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
    )
