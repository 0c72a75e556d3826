"""What the pages name is there: tests, and other pages."""

import re
from pathlib import Path

import pytest

from local.artifact import ROOT
from tests.support.checks.named_tests import TEST, missing

PROMISES = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
THREATS = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
SECTIONS = dict(re.findall(r"^## (R\d+): .*?\n(.*?)(?=^## |\Z)", PROMISES, re.MULTILINE | re.DOTALL))


def test_there_are_ten_promises() -> None:
    assert list(SECTIONS) == [f"R{n}" for n in range(1, 11)]


@pytest.mark.parametrize("promise", SECTIONS)
def test_each_promise_is_shown_by_tests_that_there_are(promise: str) -> None:
    assert TEST.findall(SECTIONS[promise])
    assert missing(SECTIONS[promise]) == []


def test_what_shows_most_promises_is_there() -> None:
    assert missing(PROMISES) == []


def test_each_threat_is_met_by_tests_that_there_are() -> None:
    tables = THREATS.partition("## Defences")[2].partition("## Not covered")[0]
    rows = [line for line in tables.splitlines() if line.startswith("| ") and not line.startswith("| threat |")]
    assert len(rows) > 30
    assert [row for row in rows if not TEST.findall(row)] == []
    assert missing(THREATS) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_links_to_is_there(page: Path) -> None:
    links = [link.partition("#")[0] for link in _LINK.findall(page.read_text(encoding="utf-8"))]
    assert [link for link in links if link and ":" not in link and not (page.parent / link).exists()] == []
