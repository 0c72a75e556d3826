"""The coverage page in a browser: seen, heard, by keyboard, without a script, and with hostile words in it.

That no page asks for anything else and that none complains on the console is checked after every test.
"""

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.chromium import NoChromiumError, chromium
from tests.support.builders.coverage_pages import (
    coverage,
    day_of,
    empty_archive,
    gap,
    healthy_archive,
    large_archive,
    series,
    troubled_archive,
)
from tests.support.fixtures.watched_page import Open
from workspace_exports.coverage.ledger_record import Coverage, CoveredDay, DayAtRisk, DayStatus, SeriesCoverage

pytestmark = pytest.mark.browser

STATES: dict[str, Callable[[], Coverage]] = {
    "empty": empty_archive,
    "healthy": healthy_archive,
    "troubled": troubled_archive,
    "large": lambda: large_archive(days=400),
}
PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1120, "height": 900}
HOSTILE = (
    "\"'><script>window.harmed = 1</script>",
    "</style><style>body { display: none }</style>",
    '"><img src=x onerror="window.harmed = 1">',
    "</td></table></script><svg onload=window.harmed=1>",
    "\u202egnp.exe {{ 7 * 7 }} <!-- & &lt;",
)


@pytest.mark.parametrize("state", STATES)
def test_each_state_is_shown_with_its_totals(open_page: Open, state: str) -> None:
    example = STATES[state]()
    page = open_page(example).page
    for status in DayStatus:
        count = getattr(example.totals, status.replace("-", "_"))
        name = re.compile(rf"^{count:,} {status.replace('-', ' ')} ")
        expect(page.get_by_role("checkbox", name=name)).to_be_checked()
    expect(page.locator(".map svg")).to_have_count(len(example.series))
    expect(page.locator("tbody tr")).to_have_count(sum(len(one.days) for one in example.series))


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["empty", "healthy", "troubled"])
def test_axe_finds_nothing_serious(open_page: Open, state: str, scheme: str, viewport: dict[str, int]) -> None:
    page = open_page(STATES[state](), color_scheme=scheme, viewport=viewport, bypass_csp=True).page
    if state != "empty":
        page.get_by_role("gridcell").first.focus()
        expect(page.get_by_role("tooltip")).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("state", STATES)
def test_a_phone_does_not_scroll_sideways(open_page: Open, state: str) -> None:
    page = open_page(STATES[state](), viewport=PHONE).page
    for details in page.locator("details").all()[:4]:
        details.evaluate("details => details.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_a_phone_shows_the_latest_days_first(open_page: Open) -> None:
    page = open_page(healthy_archive(), viewport=PHONE).page
    box = page.locator(".map").first
    assert box.evaluate("box => box.scrollWidth > box.clientWidth && Math.abs(box.scrollLeft) < 1")
    cell = page.get_by_role("gridcell").first.bounding_box()
    assert cell
    assert cell["x"] + cell["width"] <= PHONE["width"]
    page.get_by_role("gridcell").first.focus()
    page.keyboard.press("Home")
    expect(focused(page)).to_be_in_viewport()


def test_tab_reaches_a_heat_map_and_arrows_move_through_its_days(open_page: Open) -> None:
    page = open_page(troubled_archive()).page
    tab_to(page, page.get_by_role("gridcell").first)
    detail = page.get_by_role("tooltip")
    expect(focused(page)).to_have_accessible_name("Saturday 21 November 2026: missing")
    expect(detail).to_contain_text("2026-12-21 00:00:00Z")
    for key, day in (
        ("ArrowUp", "Friday 20 November 2026: missing"),
        ("ArrowLeft", "Friday 13 November 2026: archived"),
        ("ArrowUp", "Thursday 12 November 2026: failed"),
        ("PageUp", "Thursday 15 October 2026: archived"),
        ("ArrowRight", "Thursday 22 October 2026: archived"),
        ("ArrowDown", "Friday 23 October 2026: archived"),
        ("ArrowDown", "Saturday 24 October 2026: at risk"),
        ("Home", "Saturday 18 October 2025: archived"),
        ("ArrowLeft", "Saturday 18 October 2025: archived"),
        ("End", "Saturday 21 November 2026: missing"),
        ("PageDown", "Saturday 21 November 2026: missing"),
    ):
        page.keyboard.press(key)
        expect(focused(page)).to_have_accessible_name(day)
        expect(detail).to_contain_text(day)
        expect(focused(page)).to_have_accessible_description(re.compile(re.escape(day)))
    page.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    page.keyboard.press("Tab")
    expect(page.get_by_role("gridcell").first).not_to_be_focused()


def test_a_heat_map_is_a_grid_that_says_where_its_one_cell_is(open_page: Open) -> None:
    page = open_page(healthy_archive()).page
    grid = page.get_by_role("grid").first
    expect(grid).to_have_accessible_name("Calendar of connection-records")
    expect(grid).to_have_attribute("aria-rowcount", "7")
    expect(grid).to_have_attribute("aria-colcount", "58")
    grid.get_by_role("gridcell").focus()
    page.keyboard.press("ArrowUp")
    expect(grid.get_by_role("row")).to_have_attribute("aria-rowindex", "5")
    expect(grid.get_by_role("gridcell")).to_have_attribute("aria-colindex", "58")


def test_enter_goes_to_the_row_of_the_day(open_page: Open) -> None:
    page = open_page(healthy_archive()).page
    page.get_by_role("gridcell").first.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(focused(page)).to_contain_text("2026-11-20")
    expect(focused(page)).to_be_visible()


def test_hovering_shows_what_the_table_says_and_leaving_hides_it(open_page: Open) -> None:
    page = open_page(example := troubled_archive()).page
    detail = page.get_by_role("tooltip")
    hover(page, 0, column=0, row=5)
    day = example.series[0].days[0]
    assert day.sha256
    assert day.task_id
    assert day.size_bytes
    for word in ("Saturday 18 October 2025: archived", day.sha256, day.task_id, f"{day.size_bytes:,}", "KiB"):
        expect(detail).to_contain_text(word)
    hover(page, 0, column=56, row=3)
    for word in ("failed", "BadFile", "4,096 bytes where 6,453 were announced", "2026-12-12 00:00:00Z"):
        expect(detail).to_contain_text(word)
    page.mouse.move(1, 1)
    expect(detail).to_be_hidden()


def test_the_pointer_may_move_on_to_the_details(open_page: Open) -> None:
    page = open_page(troubled_archive()).page
    hover(page, 0, column=40, row=6)
    detail = page.get_by_role("tooltip")
    box = detail.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 1)
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(detail).to_be_visible()


def test_a_click_keeps_the_details_until_escape(open_page: Open) -> None:
    page = open_page(troubled_archive()).page
    hover(page, 0, column=56, row=3)
    page.mouse.down()
    page.mouse.up()
    page.mouse.move(1, 1)
    expect(page.get_by_role("tooltip")).to_contain_text("BadFile")
    page.keyboard.press("Escape")
    expect(page.get_by_role("tooltip")).to_be_hidden()


def test_a_tap_shows_the_details(open_page: Open) -> None:
    page = open_page(troubled_archive(), viewport=PHONE, has_touch=True).page
    canvas = page.locator(".canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.touchscreen.tap(*middle_of(box["x"], box["y"], column=56, row=3))
    expect(page.get_by_role("tooltip")).to_contain_text("BadFile")


def test_a_day_of_a_later_band_is_found_where_it_is_drawn(open_page: Open) -> None:
    example = large_archive(days=1000, kinds=1, projects=1)
    page = open_page(example).page
    path = page.locator("article path.lost").first
    for day in (day for day in example.series[0].days if day.status is DayStatus.LOST):
        place = corner(path, [one.day for one in example.series[0].days if one.status is DayStatus.LOST].index(day.day))
        canvas = page.locator(".canvas").first
        canvas.hover(position={"x": place[0] + 7, "y": place[1] + 7})
        expect(page.get_by_role("tooltip")).to_contain_text(f"{day.day.day} {day.day:%B %Y}: lost")


def test_a_day_that_is_not_in_the_ledger_says_so(open_page: Open) -> None:
    page = open_page(troubled_archive()).page
    hover(page, 1, column=3, row=3)
    expect(page.get_by_role("tooltip")).to_contain_text("not in the ledger")


def test_a_status_is_hidden_and_shown_again(open_page: Open) -> None:
    page = open_page(troubled_archive()).page
    drawn = page.locator("article path.lost").first
    row = page.locator("article tr.lost").first
    tick = page.get_by_role("checkbox", name="lost deleted by the vendor")
    tick.uncheck()
    expect(drawn).to_be_hidden()
    expect(row).to_be_hidden()
    tick.check()
    expect(drawn).to_be_visible()
    expect(row).to_be_visible()


def test_series_are_chosen_by_kind_by_project_and_by_their_gaps(open_page: Open) -> None:
    page = open_page(example := troubled_archive()).page
    articles = page.locator("article:visible")
    page.get_by_role("combobox", name="Kind").select_option("connection-records")
    expect(articles).to_have_count(3)
    page.get_by_label("only with gaps").check()
    expect(articles).to_have_count(2)
    page.get_by_role("combobox", name="Project").select_option(example.series[-1].project_id)
    expect(articles).to_have_count(1)
    expect(page.get_by_role("navigation").get_by_role("link")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text("1 stream shown")


@pytest.mark.parametrize("state", ["empty", "healthy", "troubled"])
def test_without_a_script_everything_is_there(open_page: Open, state: str) -> None:
    example = STATES[state]()
    page = open_page(example, java_script_enabled=False).page
    for one, article in zip(example.series, page.locator("article").all(), strict=True):
        expect(article.locator(".map svg path").first).to_be_visible()
        for summary in article.locator("details:not([open]) > summary").all():
            summary.click()
        expect(article.locator("tbody tr:visible")).to_have_count(len(one.days))
    for control in page.locator("input, select, [role=tooltip], #keys-help").all():
        expect(control).to_be_hidden()


@pytest.mark.parametrize("has_script", [True, False], ids=["with-script", "without"])
def test_hostile_words_are_words(open_page: Open, *, has_script: bool) -> None:
    page = open_page(hostile(), java_script_enabled=has_script).page
    for words in HOSTILE:
        expect(page.locator("article h3", has_text=words)).to_have_count(1)
        expect(page.locator("section.project > h2", has_text=words)).to_have_count(1)
        expect(page.locator("td", has_text=words)).not_to_have_count(0)
    expect(page.locator("script")).to_have_count(1)
    expect(page.locator("style")).to_have_count(1)
    expect(page.locator("img")).to_have_count(0)
    expect(page.locator("article")).to_have_count(len(HOSTILE))
    if has_script:
        for number in range(len(HOSTILE)):
            hover(page, number, column=0, row=6)
            expect(page.get_by_role("tooltip").locator("dd").last).to_have_text(HOSTILE[number])
            expect(page.get_by_role("tooltip").locator("*:not(strong, dl, dt, dd)")).to_have_count(0)
        assert page.evaluate("window.harmed") is None


def test_the_policy_stops_a_script_that_is_not_the_pages_own(open_page: Open) -> None:
    watched = open_page(healthy_archive())
    watched.page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.harmed = 1'}))"
    )
    assert watched.page.evaluate("window.harmed") is None
    assert "Content Security Policy" in watched.complaints.pop(0)
    watched.complaints.clear()


def test_paper_has_no_controls_and_the_whole_calendar(open_page: Open) -> None:
    page = open_page(troubled_archive(), viewport={"width": 700, "height": 900}, color_scheme="dark").page
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    for control in page.locator("input, select").all():
        expect(control).to_be_hidden()
    assert all(page.locator(".map").evaluate_all("boxes => boxes.map(box => box.scrollWidth <= box.clientWidth)"))


@pytest.mark.parametrize(
    "colours", [{"forced_colors": "active"}, {"color_scheme": "light"}, {"color_scheme": "dark"}], ids=str
)
def test_every_mark_stands_out_from_its_square_whatever_the_colours(open_page: Open, colours: dict[str, str]) -> None:
    page = open_page(troubled_archive(), **colours).page
    looks = {
        status: page.locator(f"symbol#g-{status} path").evaluate_all(
            "paths => paths.map((path, n) => getComputedStyle(path)[n ? 'stroke' : 'fill'])"
        )
        for status in DayStatus
    }
    assert looks[DayStatus.ARCHIVED] != looks[DayStatus.EMPTY]
    assert all(look[0] != look[1] for look in looks.values() if len(look) > 1)
    assert len({*(look[0] for look in looks.values())}) == len(DayStatus) - 1  # missing is as blank as empty


def test_without_chromium_the_tests_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NoChromiumError, match="apt-get install chromium"), chromium():
        pass


def hostile() -> Coverage:
    """Every word that a stranger could have a hand in, each of the hostile ones in each place."""
    all_series = []
    for words in HOSTILE:
        kept = CoveredDay.model_construct(
            day=day_of(1),
            status=DayStatus.ARCHIVED,
            size_bytes=1,
            landed_at=None,
            sha256=words,
            task_id=words,
            gone_at=None,
        )
        lost = gap(6, DayStatus.LOST, words, words)
        all_series.append(
            SeriesCoverage.model_construct(
                kind=words, project_id=words, filters=words, since=day_of(6), days=[lost, kept]
            )
        )
    whole = coverage([series("users", days=7)], days=7)
    next_at_risk = DayAtRisk.model_construct(kind=HOSTILE[0], project_id=HOSTILE[2], day=day_of(6), gone_at=whole.at)
    return whole.model_copy(update={"series": all_series, "next_at_risk": next_at_risk})


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:200] for node in one['nodes']]}"
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def tab_to(page: Page, target: Locator) -> None:
    """Presses Tab until the target has the focus."""
    for _ in range(50):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail("Tab does not get there")


def hover(page: Page, number: int, *, column: int, row: int) -> None:
    """Points at a day of a heat-map, by its place among all."""
    canvas = page.locator(".canvas").nth(number)
    x, y = middle_of(0, 0, column=column, row=row)
    canvas.hover(position={"x": x, "y": y})


def middle_of(x: float, y: float, *, column: int, row: int) -> tuple[float, float]:
    """A day's middle, as drawn: squares of 13 beside the weekdays and below the months."""
    return x + 2 + 30 + column * 13 + 7, y + 2 + 18 + row * 13 + 7


def corner(path: Locator, number: int) -> tuple[int, int]:
    """Where the path begins its nth square."""
    starts = re.findall(r"M(\d+) (\d+)", path.get_attribute("d") or "")
    return int(starts[number][0]), int(starts[number][1])
