"""One Chromium for all tests, and pages that tell of everything they should not do."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Route

from tests.browser.chromium import chromium
from tests.support.fixtures.watched_page import Open, Watched
from workspace_exports.coverage.ledger_record import Coverage
from workspace_exports.coverage.page.rendering import CONTENT_SECURITY_POLICY, render

ADDRESS = "http://coverage.invalid/"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens coverage as the HTTP answer would bring it; at the end no page may have complained or asked for more."""
    contexts: list[BrowserContext] = []
    opened: list[Watched] = []

    def open_page(coverage: Coverage, **options: object) -> Watched:
        context = browser.new_context(**{"viewport": {"width": 1120, "height": 900}, **options})  # type: ignore[arg-type]
        contexts.append(context)
        watched = Watched(context.new_page())
        opened.append(watched)
        html = render(coverage)

        def answer(route: Route) -> None:
            if route.request.url == ADDRESS:
                headers = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
                route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)
            else:
                watched.requests.append(route.request.url)
                route.abort()

        context.route("**/*", answer)
        watched.page.on("console", watched.listen)
        watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        watched.page.goto(ADDRESS)
        return watched

    yield open_page
    for context in contexts:
        context.close()
    assert [watched.requests for watched in opened if watched.requests] == []
    assert [watched.complaints for watched in opened if watched.complaints] == []
