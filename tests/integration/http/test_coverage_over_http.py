"""The coverage over HTTP: the form the caller prefers, and only if there is something new."""

import json
from itertools import count
from typing import Any

import pytest

from functions.show_coverage import app as show_coverage
from local.standin.accounts import DEMO_PROJECT_ID, DEMO_REGION
from local.standin.clock import SettableClock
from tests.support.builders.examples import PROJECT_ID
from tests.support.builders.http_events import http_event
from tests.support.builders.ledgers import RECORDS, YESTERDAY, put_days
from tests.support.lambda_context import CONTEXT
from workspace_exports.coverage import show
from workspace_exports.coverage.ledger_record import Coverage
from workspace_exports.storage.store import Store, open_store

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
_NUMBERS = count()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    url = f"memory:///coverage-over-http-{next(_NUMBERS)}"
    for name, value in {
        "ARCHIVE_URL": url,
        "WORKSPACE_REGION": DEMO_REGION,
        "HUAWEICLOUD_SDK_PROJECT_ID": DEMO_PROJECT_ID,
        "HUAWEICLOUD_SDK_AK": "a",
        "HUAWEICLOUD_SDK_SK": "s",
    }.items():
        monkeypatch.setenv(name, value)
    store = open_store(url)
    put_days(store, RECORDS, [YESTERDAY])
    return store


def get(query: dict[str, str] | None = None, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return show_coverage.handler(http_event("GET", "/coverage", query=query, headers=named), CONTEXT)


def covered_by(answer: dict[str, Any]) -> Coverage:
    return Coverage.model_validate_json(answer["body"])


@pytest.mark.usefixtures("store")
class TestForms:
    @pytest.mark.parametrize(
        "accept",
        [
            "",
            "*/*",
            "application/json",
            "application/json, text/html",
            "text/html;q=0",
            "text/html;q=x, application/*",
            "text/html;q=0.8, application/json;q=0.9",
            "image/png",
        ],
    )
    def test_a_program_gets_json(self, accept: str) -> None:
        answer = get(accept=accept)
        assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "application/json")
        assert covered_by(answer).totals.archived == 1

    @pytest.mark.parametrize("accept", [BROWSER, "text/html", "TEXT/HTML; level=1, */*", "*/*;q=0.1, text/html;q=0.2"])
    def test_a_browser_gets_the_page(self, accept: str) -> None:
        answer = get(accept=accept)
        assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert answer["body"].startswith("<!doctype html>")
        assert "default-src 'none'" in answer["headers"]["Content-Security-Policy"]

    def test_what_is_kept_on_the_way_is_kept_for_a_minute_for_this_caller_and_this_form(
        self, clock: SettableClock
    ) -> None:
        headers = get()["headers"]
        assert headers["Cache-Control"] == "private, max-age=60"
        assert headers["Vary"] == "Accept, Accept-Encoding"
        clock.advance(seconds=20)
        assert get()["headers"]["Cache-Control"] == "private, max-age=40"

    def test_an_incomplete_ledger_is_not_cached(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(show, "MOST_MANIFESTS", 0)
        assert get()["headers"]["Cache-Control"] == "private, no-cache"

    def test_the_query_narrows_it_down(self) -> None:
        assert {series.kind for series in covered_by(get({"kind": "connection-records"})).series} == {RECORDS.kind}
        assert covered_by(get({"project_id": f"not-{PROJECT_ID[:10]}"})).totals.archived == 0

    @pytest.mark.parametrize(
        "query", [{"kind": "logins"}, {"day": "2026-11-20"}, {"first_day": "2026-11-20", "last_day": "2026-11-19"}]
    )
    def test_a_query_that_asks_for_nothing_there_is_is_refused(self, query: dict[str, str]) -> None:
        answer = get(query)
        assert (answer["statusCode"], json.loads(answer["body"])["error"]) == (400, "Rejected")


class TestTags:
    def test_what_the_caller_has_already_is_not_sent_again(self, store: Store) -> None:
        tag = get()["headers"]["ETag"]
        for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
            answer = get(if_none_match=known)
            assert (answer["statusCode"], answer["body"], answer["headers"]["ETag"]) == (304, "", tag)
            assert "Content-Type" not in answer["headers"]

    def test_a_page_that_says_how_many_hours_are_left_is_another_in_the_next_hour(
        self, store: Store, clock: SettableClock
    ) -> None:
        tags = []
        for _ in range(3):
            tags.append(get(accept="text/html")["headers"]["ETag"])
            clock.advance(seconds=1200)
        assert tags[0] == tags[1] != tags[2]

    def test_a_page_is_not_known_by_the_tag_of_the_json(self, store: Store) -> None:
        assert get(if_none_match=get()["headers"]["ETag"], accept="text/html")["statusCode"] == 200

    def test_a_later_look_that_sees_the_same_has_the_same_tag_and_one_that_sees_more_another(
        self, store: Store, clock: SettableClock
    ) -> None:
        first = get()
        clock.advance(seconds=61)
        later = get()
        assert covered_by(later).at > covered_by(first).at
        assert later["headers"]["ETag"] == first["headers"]["ETag"]
        put_days(store, RECORDS, [YESTERDAY.replace(day=1)])
        clock.advance(seconds=61)
        assert get()["headers"]["ETag"] != first["headers"]["ETag"]
