"""How long the page takes: `python -m tests.browser.timing`, the median of five loads from a file.

Rendered is the time of `render`, painted the first contentful paint, loaded the end of the load event, the script's
work included; gzip is what an answer weighs.
"""

import argparse
import gzip
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.support.builders.coverage_pages import large_archive
from workspace_exports.coverage.page.rendering import render

LOADS = 5
_TIMES = """() => new Promise((done) => {
  const look = () => {
    const [load] = performance.getEntriesByType("navigation");
    const [paint] = performance.getEntriesByName("first-contentful-paint");
    if (load.loadEventEnd && paint) done([paint.startTime, load.loadEventEnd]);
    else requestAnimationFrame(look);
  };
  look();
})"""


def main() -> None:
    """Print one line for each size."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.timing", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.parse_args()
    with chromium() as browser, tempfile.TemporaryDirectory() as folder:
        for days in (400, 1000):
            print(measure(browser, Path(folder) / "coverage.html", days))  # noqa: T201 - a terminal program


def measure(browser: Browser, file: Path, days: int) -> str:
    """The line of sixty series of so many days."""
    coverage = large_archive(days)
    start = perf_counter()
    html = render(coverage).encode()
    rendered = perf_counter() - start
    file.write_bytes(html)
    paints, loads = zip(*_times(browser, file), strict=True)
    days_shown = sum(len(one.days) for one in coverage.series)
    return (
        f"{days_shown:,} days: rendered in {rendered:.2f} s, {len(html):,} bytes, gzip "
        f"{len(gzip.compress(html, 6)):,}; painted after {median(paints):.2f} s, loaded after {median(loads):.2f} s"
    )


def _times(browser: Browser, file: Path) -> Iterator[tuple[float, float]]:
    for _ in range(LOADS):
        page = browser.new_page()
        page.goto(file.as_uri())
        paint, load = page.evaluate(_TIMES)
        page.close()
        yield paint / 1000, load / 1000


if __name__ == "__main__":
    main()
