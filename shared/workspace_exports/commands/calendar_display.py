"""Calendar of the ledger in a terminal: a column for each week, a row for each weekday, a sign for each day."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from rich.console import Console
from rich.text import Text

from workspace_exports.coverage.ledger_record import Coverage, CoveredDay, DayStatus, SeriesCoverage
from workspace_exports.coverage.page.wording import GAPS, counted, counts_sentence, size_words, status_words, time_words

_STYLES = {
    DayStatus.ARCHIVED: "green",
    DayStatus.EMPTY: "cyan",
    DayStatus.LOST: "bold red",
    DayStatus.AT_RISK: "bold yellow",
    DayStatus.FAILED: "red",
    DayStatus.MISSING: "yellow",
}
_SIGNS = {
    DayStatus.ARCHIVED: "■",
    DayStatus.EMPTY: "□",
    DayStatus.LOST: "✗",
    DayStatus.AT_RISK: "!",
    DayStatus.FAILED: "×",  # noqa: RUF001 - a multiplication sign
    DayStatus.MISSING: "?",
}
_ASCII_SIGNS = _SIGNS | {
    DayStatus.ARCHIVED: "#",
    DayStatus.EMPTY: "o",
    DayStatus.LOST: "X",
    DayStatus.FAILED: "x",
}
_NOTHING = "·"
_WEEKDAYS = ("Mon", "", "Wed", "", "Fri", "", "Sun")
_MARGIN = 4
_WEEK = 7
_FEWEST_WEEKS = 4
_GAPS_SHOWN = 8

Signs = Mapping[DayStatus, str]


def show_calendars(console: Console, coverage: Coverage) -> None:
    """Show the totals, a calendar for each series with its gaps, and the legend."""
    signs = _ASCII_SIGNS if console.options.ascii_only else _SIGNS
    weeks = max(_FEWEST_WEEKS, (console.width - _MARGIN) // 2)
    size = f", {size_words(coverage.totals.size_bytes)}" if coverage.totals.size_bytes else ""
    _print(console, Text(f"{counts_sentence(counted(coverage.totals))}{size}."))
    for line in _remarks(coverage):
        _print(console, Text(line, style="yellow"))
    for series in coverage.series:
        _print(console, Text(""))
        for text in _series(series, coverage.last_day, weeks, signs, "." if console.options.ascii_only else _NOTHING):
            _print(console, text)
    _print(console, Text(""))
    _print(console, _legend(signs))


def _print(console: Console, text: Text) -> None:
    console.print(text, highlight=False, soft_wrap=True)


def _remarks(coverage: Coverage) -> Iterator[str]:
    if coverage.next_at_risk:
        one = coverage.next_at_risk
        yield f"Next to be lost: {one.kind} {one.day} of {one.project_id}, at {time_words(one.gone_at)}."
    if coverage.left_out:
        yield f"{coverage.left_out:,} series do not fit: ask for one --kind or --project."
    if coverage.unread:
        yield f"The sizes of {coverage.unread:,} days are not read yet; the same command reads more."


def _series(series: SeriesCoverage, last: date, weeks: int, signs: Signs, nothing: str) -> Iterator[Text]:
    counts = Counter(day.status for day in series.days)
    filters = f", {series.filters}" if series.filters else ""
    yield Text.assemble((series.kind, "bold"), f" of {series.project_id}{filters}")
    yield Text(counts_sentence(counts))
    if not series.days:
        return
    by_day = {day.day: day for day in series.days}
    monday = _monday(last) - timedelta(weeks=weeks - 1)
    monday = max(monday, _monday(series.days[0].day))
    if monday > _monday(series.days[0].day):
        yield Text(f"from {monday}; a wider terminal shows more", style="dim")
    yield _months(monday, last)
    for number, name in enumerate(_WEEKDAYS):
        line = Text(f"{name:<{_MARGIN}}")
        for day in _every_week(monday + timedelta(days=number), last):
            covered = by_day.get(day)
            line.append(
                f"{signs[covered.status]} " if covered else f"{nothing} ", _STYLES[covered.status] if covered else "dim"
            )
        line.rstrip()
        yield line
    yield from _gaps(series.days)


def _gaps(days: list[CoveredDay]) -> Iterator[Text]:
    gaps = [day for day in days if day.status in GAPS]
    for day in gaps[-_GAPS_SHOWN:]:
        why = f": {day.error}: {day.what}" if day.error else ""
        gone = f", until {time_words(day.gone_at)}" if day.gone_at else ""
        yield Text(f"{day.day} {status_words(day.status)}{gone}{why}", style=_STYLES[day.status])
    if len(gaps) > _GAPS_SHOWN:
        yield Text(f"and {len(gaps) - _GAPS_SHOWN:,} earlier; --json and --html show all", style="dim")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _every_week(day: date, last: date) -> Iterator[date]:
    while day <= last:
        yield day
        day += timedelta(days=_WEEK)


def _months(monday: date, last: date) -> Text:
    """Return the line with the months, each above its first week."""
    line, month = " " * _MARGIN, ""
    for number, week in enumerate(_every_week(monday, last)):
        at = _MARGIN + 2 * number
        if f"{week:%b}" != month and at >= len(line.rstrip()) + 1:
            month = f"{week:%b}"
            line = f"{line:<{at}}{month}"
    return Text(line, style="dim")


def _legend(signs: Signs) -> Text:
    return Text("   ").join(
        Text.assemble((signs[status], _STYLES[status]), f" {status_words(status)}") for status in DayStatus
    )
