"""What the page looks like, as pictures: `python -m tests.browser.screenshots DIRECTORY`.

Each state light and dark on a desktop and on a phone, and the troubled one with a day pointed at.
"""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, ViewportSize

from tests.browser.chromium import chromium
from tests.support.builders.coverage_pages import empty_archive, healthy_archive, large_archive, troubled_archive
from workspace_exports.coverage.ledger_record import Coverage
from workspace_exports.coverage.page.rendering import render

STATES: Final[Mapping[str, Callable[[], Coverage]]] = {
    "empty": empty_archive,
    "healthy": healthy_archive,
    "troubled": troubled_archive,
    "large": lambda: large_archive(days=400),
}
SIZES: Final[Mapping[str, ViewportSize]] = {
    "desktop": {"width": 1120, "height": 1300},
    "phone": {"width": 360, "height": 780},
}


def main() -> None:
    """Write the pictures and say where."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.screenshots",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("directory", type=Path)
    directory: Path = parser.parse_args().directory
    directory.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for state, example in STATES.items():
            picture_state(browser, state, render(example()), directory)
    print(directory)  # noqa: T201 - a terminal program


def picture_state(browser: Browser, state: str, html: str, directory: Path) -> None:
    """Write one state's pictures."""
    for size, viewport in SIZES.items():
        for scheme in ("light", "dark"):
            context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
            page = context.new_page()
            page.set_content(html)
            page.screenshot(path=directory / f"{state}-{size}-{scheme}.png")
            if state == "troubled":
                _point_at_a_day(page)
                page.screenshot(path=directory / f"{state}-{size}-{scheme}-day.png")
            context.close()


def _point_at_a_day(page: Page) -> None:
    page.locator(".map").first.scroll_into_view_if_needed()
    cell = page.get_by_role("gridcell").first
    cell.focus()
    for _ in range(3):
        cell.press("ArrowLeft")


if __name__ == "__main__":
    main()
