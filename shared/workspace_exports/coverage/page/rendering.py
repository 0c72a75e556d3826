"""Coverage page: one self-contained HTML document, readable without its script."""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property
from importlib.resources import files
from itertools import groupby

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from workspace_exports.coverage.ledger_record import Coverage, CoveredDay, DayStatus, SeriesCoverage
from workspace_exports.coverage.page.calendar import MARKS, SQUARE, Calendar
from workspace_exports.coverage.page.wording import (
    GAPS,
    counted,
    counts_sentence,
    gaps_words,
    left_words,
    size_words,
    status_words,
    time_words,
    worst_of,
)


def _read(name: str) -> str:
    return files("workspace_exports.coverage.page").joinpath(name).read_text(encoding="utf-8")


def _source(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


_STYLE, _SCRIPT = _read("coverage.css"), _read("coverage.js")
_POLICY = (
    f"default-src 'none'; style-src {_source(_STYLE)}; script-src {_source(_SCRIPT)}; "
    "base-uri 'none'; form-action 'none'"
)
CONTENT_SECURITY_POLICY = f"{_POLICY}; frame-ancestors 'none'"
"""Policy for the answer's header; the page has it too, without the last part, which a page cannot set for itself."""

_MEANINGS = {
    DayStatus.ARCHIVED: "the file was verified when it landed",
    DayStatus.EMPTY: "archived: the vendor had no data that day",
    DayStatus.LOST: "deleted by the vendor",
    DayStatus.AT_RISK: "soon deleted by the vendor",
    DayStatus.FAILED: "missing: the last attempt failed",
    DayStatus.MISSING: "not archived yet",
}
_OPEN_ROWS = 31
"""Number of rows of the longest list of gaps that is open at first."""
_LONGEST_BLANK_DAYS = 400
"""Length of the longest range that may begin with blank days; a longer range begins with its first known day."""


def render(coverage: Coverage) -> str:
    """Return the page. All text from outside is escaped, and the policy allows no script but the page's own."""
    return _template().render(page=_Page(coverage), policy=_POLICY, style=Markup(_STYLE), script=Markup(_SCRIPT))  # noqa: S704 - files of ours


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"grouped": "{:,}".format, "time": time_words, "size": size_words, "words": status_words}
    return environment.from_string(_read("coverage.html"))


@dataclass(frozen=True)
class _Key:
    """Entry of the legend: a status, its mark and meaning, and the number of days that have it."""

    status: DayStatus
    count: int
    meaning: str

    square = f"M1 1{SQUARE}"

    @property
    def mark(self) -> str:
        return f"M1 1{MARKS[self.status]}" if self.status in MARKS else ""


@dataclass(frozen=True)
class _Shape:
    """Days of one status as two paths."""

    status: DayStatus
    squares: str
    marks: str


@dataclass(frozen=True)
class _Series:
    """Heat-map of one series and its two tables."""

    anchor: str
    source: SeriesCoverage
    calendar: Calendar

    @cached_property
    def counts(self) -> Counter[DayStatus]:
        return Counter(day.status for day in self.source.days)

    @property
    def sentence(self) -> str:
        return counts_sentence(self.counts)

    @property
    def gaps_words(self) -> str:
        return gaps_words(self.counts)

    @property
    def worst(self) -> DayStatus | None:
        return worst_of(self.counts)

    @property
    def size_bytes(self) -> int:
        return sum(day.size_bytes or 0 for day in self.source.days)

    @cached_property
    def gaps(self) -> list[CoveredDay]:
        return [day for day in self.source.days if day.status in GAPS]

    @cached_property
    def kept(self) -> list[CoveredDay]:
        return [day for day in self.source.days if day.status not in GAPS]

    @property
    def are_gaps_open(self) -> bool:
        return len(self.gaps) <= _OPEN_ROWS

    @property
    def shapes(self) -> Iterator[_Shape]:
        for status in DayStatus:
            days = [day.day for day in self.source.days if day.status is status]
            if days:
                yield _Shape(status, self.calendar.squares(days), self.calendar.marks(status, days))


@dataclass(frozen=True)
class _Project:
    """Series of one project under one heading."""

    project_id: str
    series: list[_Series]


@dataclass(frozen=True)
class _Page:
    """Data that the template shows."""

    coverage: Coverage

    @property
    def sentence(self) -> str:
        return counts_sentence(counted(self.coverage.totals))

    @property
    def worst(self) -> DayStatus | None:
        return worst_of(counted(self.coverage.totals))

    @property
    def left(self) -> str:
        """Time for which the vendor still has the next day at risk, counted from when the archive was read."""
        return left_words(self.coverage.next_at_risk.gone_at - self.coverage.at) if self.coverage.next_at_risk else ""

    @property
    def keys(self) -> list[_Key]:
        return [_Key(status, count, _MEANINGS[status]) for status, count in counted(self.coverage.totals).items()]

    @cached_property
    def calendar(self) -> Calendar:
        first, last = self.coverage.first_day, self.coverage.last_day
        blank = last - timedelta(days=_LONGEST_BLANK_DAYS)
        return Calendar(max(first, min([blank, *_first_days(self.coverage.series)])), last)

    @cached_property
    def projects(self) -> list[_Project]:
        series = [_Series(f"s{n}", source, self.calendar) for n, source in enumerate(self.coverage.series, 1)]
        return [_Project(name, list(own)) for name, own in groupby(series, lambda one: one.source.project_id)]

    @property
    def kinds(self) -> list[str]:
        return sorted({series.kind for series in self.coverage.series})


def _first_days(series: Iterable[SeriesCoverage]) -> Iterator[date]:
    return (one.days[0].day for one in series if one.days)
