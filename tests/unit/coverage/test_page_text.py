"""The coverage page as text: its words, its calendar, its policy. How it looks and behaves: tests/browser."""

import base64
import hashlib
import re
from datetime import date, datetime, timedelta, timezone
from html.parser import HTMLParser

import pytest

from tests.support.builders.coverage_pages import (
    LAST_DAY,
    PROJECT_ID,
    coverage,
    day_of,
    empty_archive,
    gap,
    healthy_archive,
    kept,
    troubled_archive,
)
from workspace_exports.coverage.ledger_record import Coverage, CoveredDay, DayStatus, SeriesCoverage
from workspace_exports.coverage.page.calendar import MARKS, SQUARE, Calendar
from workspace_exports.coverage.page.rendering import CONTENT_SECURITY_POLICY, render
from workspace_exports.coverage.page.wording import counts_sentence, gaps_words, left_words, size_words, time_words

A, E, L, R, F, M = (
    DayStatus.ARCHIVED,
    DayStatus.EMPTY,
    DayStatus.LOST,
    DayStatus.AT_RISK,
    DayStatus.FAILED,
    DayStatus.MISSING,
)


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, "No day is archived yet, and none was planned"),
        ({A: 1}, "1 of 1 day archived"),
        ({M: 1}, "0 of 1 day archived, 1 missing"),
        ({A: 2}, "All 2 days archived"),
        ({A: 1, E: 1}, "All 2 days archived (1 of them empty)"),
        (
            {A: 6000, E: 12, L: 1, R: 2, F: 3, M: 1000},
            "6,012 of 7,018 days archived (12 of them empty), 1 lost, 2 at risk, 3 failed, 1,000 missing",
        ),
    ],
    ids=str,
)
def test_the_counts_are_a_sentence(counts: dict[DayStatus, int], sentence: str) -> None:
    assert counts_sentence(counts) == sentence


def test_gaps_are_told_worst_first_and_only_where_there_are_any() -> None:
    assert gaps_words({M: 4, L: 1, A: 9}) == "1 lost, 4 missing"
    assert gaps_words({A: 9}) == ""


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (102_297, "99.9 KiB"),
        (102_399, "100 KiB"),
        (1023 * 1024, "1.0 MiB"),
        (1024**3 * 4, "4.0 GiB"),
        (1024**6, "1,024 PiB"),
    ],
)
def test_sizes_have_three_digits(size_bytes: int, words: str) -> None:
    assert size_words(size_bytes) == words


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=-1), "no time"),
        (timedelta(0), "no time"),
        (timedelta(minutes=59), "less than an hour"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(hours=71), "2 days"),
    ],
    ids=str,
)
def test_what_is_left_is_rounded_down(left: timedelta, words: str) -> None:
    assert left_words(left) == words


def test_times_are_utc_to_the_second() -> None:
    moment = datetime(2026, 11, 20, 6, 31, 12, 999999, timezone(timedelta(hours=2)))
    assert time_words(moment) == "2026-11-20 04:31:12Z"


def test_weeks_are_columns_and_weekdays_rows() -> None:
    calendar = Calendar(date(2026, 11, 18), date(2026, 11, 30))  # a Wednesday, a Monday
    assert calendar.squares([date(2026, 11, 18)]) == f"M32 46{SQUARE}"
    assert calendar.squares([date(2026, 11, 22), date(2026, 11, 23)]) == f"M32 98{SQUARE}M45 20{SQUARE}"
    assert (calendar.weeks, calendar.bands) == (3, 1)


def test_a_day_out_of_range_is_not_drawn() -> None:
    calendar = Calendar(date(2026, 11, 18), date(2026, 11, 30))
    assert calendar.squares([date(2026, 11, 17), date(2026, 12, 1)]) == ""
    assert calendar.marks(L, [date(2026, 11, 17)]) == ""


def test_a_long_range_goes_on_in_a_band_below() -> None:
    calendar = Calendar(date(2025, 1, 6), date(2026, 11, 22))  # 98 weeks, from a Monday to a Sunday
    assert (calendar.weeks, calendar.bands, calendar.band_weeks) == (98, 2, 49)
    first_below = date(2025, 1, 6) + timedelta(weeks=49)
    assert calendar.squares([first_below]) == f"M32 {20 + calendar.band_height}{SQUARE}"
    assert calendar.height == 2 * calendar.band_height


def test_only_what_is_not_archived_has_a_mark_and_each_its_own() -> None:
    calendar = Calendar(date(2026, 11, 16), date(2026, 11, 22))
    marks = {status: calendar.marks(status, [date(2026, 11, 16)]) for status in DayStatus}
    assert [status for status, mark in marks.items() if not mark] == [A, E]
    assert len({*marks.values()}) == len(MARKS) + 1


def test_months_are_named_where_they_begin_and_years_at_first_and_in_january() -> None:
    def months(first: date) -> list[str]:
        return [label.text for label in Calendar(first, date(2026, 3, 2)).labels][3:]

    assert months(date(2025, 11, 20)) == ["Dec 2025", "Jan 2026", "Feb", "Mar"]  # no room before December
    assert months(date(2025, 10, 20))[:2] == ["Nov 2025", "Dec"]
    assert months(date(2025, 10, 2))[:2] == ["Oct 2025", "Nov"]
    assert months(date(2026, 3, 2)) == ["Mar 2026"]


class Reader(HTMLParser):
    """Collects the policy, the inline sources, and every address."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.policy = ""
        self.inline: dict[str, str] = {}
        self.addresses: set[str] = set()
        self.styled: list[str] = []
        self._within = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._within = tag
        for name, value in attrs:
            if name in {"href", "src", "action", "data", "poster", "srcset"}:
                self.addresses.add(value or "")
            if name == "style" or name.startswith("on"):
                self.styled.append(name)
        if dict(attrs).get("http-equiv") == "Content-Security-Policy":
            self.policy = dict(attrs)["content"] or ""

    def handle_data(self, data: str) -> None:
        if self._within in {"style", "script"}:
            self.inline[self._within] = self.inline.get(self._within, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._within = ""


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else() -> None:
    page = Reader(render(troubled_archive()))
    allowed = {
        name: f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for name, text in page.inline.items()
    }
    assert page.policy == (
        f"default-src 'none'; style-src {allowed['style']}; script-src {allowed['script']}; "
        "base-uri 'none'; form-action 'none'"
    )
    assert f"{page.policy}; frame-ancestors 'none'" == CONTENT_SECURITY_POLICY
    assert page.styled == []


def test_no_address_leads_out_of_the_page() -> None:
    assert all(address.startswith("#") for address in Reader(render(troubled_archive())).addresses)


def test_every_anchor_is_there_once() -> None:
    html = render(troubled_archive())
    ids = re.findall(r'\sid="?([\w-]+)', html)
    assert len(ids) == len(set(ids))
    assert {address[1:] for address in Reader(html).addresses} <= {*ids}


def test_an_empty_archive_says_what_will_fill_it() -> None:
    html = render(empty_archive())
    assert "No day is archived yet, and none was planned." in html
    assert "The first daily run fills this page." in html
    assert "<nav" not in html


def test_the_next_day_at_risk_is_named_with_what_is_left() -> None:
    text = words(render(troubled_archive()))
    assert f"Next to be lost among the streams shown: 2026-10-24, connection-records of project {PROJECT_ID}." in text
    assert "The vendor has it until 2026-11-23 00:00:00Z: 16 hours left when the archive was read." in text
    assert "Next to be lost" not in render(healthy_archive())


@pytest.mark.parametrize(
    ("update", "sentence"),
    [
        ({"left_out": 1}, "1 more stream is left out"),
        ({"left_out": 1200}, "1,200 more streams are left out"),
        ({"unread": 1}, "The manifest of 1 day has not been read yet"),
        ({"unread": 1200}, "The manifests of 1,200 days have not been read yet"),
    ],
    ids=str,
)
def test_what_is_not_in_the_numbers_is_told(update: dict[str, int], sentence: str) -> None:
    assert sentence in words(render(healthy_archive().model_copy(update=update)))
    assert sentence not in words(render(healthy_archive()))


def test_each_archived_day_is_a_row_with_all_that_is_known() -> None:
    day = kept("users", PROJECT_ID, 1).model_copy(update={"what": "The file is a gzip file"})
    assert day.landed_at
    row = rows(one_series([day]))[day.day]
    known = ["archived", f"{day.size_bytes:,}", time_words(day.landed_at), day.sha256, day.task_id]
    assert row == [*known, "The file is a gzip file"]


def test_a_day_whose_manifest_is_unread_leaves_the_rest_open() -> None:
    assert rows(one_series([CoveredDay(day=LAST_DAY, status=A)]))[LAST_DAY] == ["archived", "", "", "", "", ""]


def test_each_gap_is_a_row_with_until_when_and_why() -> None:
    day = gap(1, F, "BadFile", "It was cut short")
    assert rows(one_series([day]))[day.day] == ["failed", "2026-12-20 00:00:00Z", "BadFile", "It was cut short"]
    bare = CoveredDay(day=LAST_DAY, status=R)
    assert rows(one_series([bare]))[LAST_DAY] == ["at risk", "", "", ""]


@pytest.mark.parametrize(("gaps", "is_open"), [(31, True), (32, False)])
def test_a_short_list_of_gaps_is_open(gaps: int, *, is_open: bool) -> None:
    html = render(one_series([gap(age, M) for age in range(gaps - 1, -1, -1)]))
    assert ("<details open>" in html) is is_open


def test_every_day_is_drawn_with_its_status_and_the_rest_is_blank() -> None:
    html = render(one_series([gap(3, L), kept("users", PROJECT_ID, 1)], days=7))
    drawn = {status: html.count(f'<path class="{status}" d=') for status in DayStatus}
    assert drawn == {A: 2, E: 1, L: 2, R: 1, F: 1, M: 1}  # one each in the legend
    blank = re.search(r'<path class=blank d="([^"]*)"', html)
    assert blank
    assert blank[1].count("M") == 7


def test_years_without_a_day_are_not_drawn() -> None:
    whole = one_series([kept("users", PROJECT_ID, age) for age in (500, 1)]).model_copy(
        update={"first_day": date(1, 1, 2)}
    )
    assert f"data-first={day_of(500)}" in render(whole)
    assert f"data-first={day_of(400)}" in render(empty_archive().model_copy(update={"first_day": date(1, 1, 2)}))


def test_a_series_without_a_day_is_named_all_the_same() -> None:
    text = words(render(one_series([])))
    assert "users" in text
    assert "No day is archived yet, and none was planned." in text


def test_filters_tell_two_series_of_one_kind_apart() -> None:
    assert "filters-953e77498e0dc172" in words(render(troubled_archive()))


def test_hostile_words_are_escaped() -> None:
    words = "\"'><script>alert(1)</script></style>"
    hostile = SeriesCoverage.model_construct(
        kind=words, project_id=words, filters=words, since=None, days=[gap(0, F, words, words)]
    )
    html = render(healthy_archive().model_copy(update={"series": [hostile, hostile]}))
    assert words not in html
    assert html.count("<script>") == html.count("</style>") == 1


def one_series(covered: list[CoveredDay], *, days: int = 400) -> Coverage:
    return coverage([SeriesCoverage(kind="users", project_id=PROJECT_ID, days=covered)], days=days)


def words(html: str) -> str:
    """The text without its tags, white space as a browser has it."""
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def rows(shown: Coverage) -> dict[date, list[str]]:
    """The cells beside each day."""
    found = re.findall(r"<th scope=row>([\d-]+)<td>(.*)", render(shown))
    return {date.fromisoformat(day): cells.split("<td>") for day, cells in found}
