"""Debian's headless Chromium, driven by Playwright. It is not downloaded: what runs here is what apt-get installs."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class NoChromiumError(Exception):
    """There is no browser; the text says how to get one."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, for as long as the block runs.

    Raises:
        NoChromiumError: it is not installed.
    """
    program = shutil.which("chromium")
    if program is None:
        raise NoChromiumError(
            "There is no chromium on the path, and the page is tested in it: apt-get install chromium"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_OPTIONS)
        try:
            yield browser
        finally:
            browser.close()
