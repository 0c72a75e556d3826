"""Texts for people keep to the fixed words: docs, README, changelog, the template, the coverage page, errors."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

import workspace_exports
from local.cloudformation import read_template
from local.docs.markdown import ROOT

RIDDLES = re.compile(
    r"\b(nobody|somebody|anybody|everybody|whoever|whatever|whichever|mend(s|ed|ing)?|for ever|order books?"
    r"|ask(s|ed|ing)? again|tell(s|ing)?|told|(go|goes|going|went|gone) on|what (is|are|was|were|it|there|came|comes)"
    r"|as of late|is heard|can be had)\b",
    re.IGNORECASE,
)
"""Say: report, fix, retry, order log, forever, resume; name the actor, and begin with the noun."""
RECORDS = {"mutants.md", "benchmarks.md"}
"""Pages of one date, which quote the code of that day."""
CODE = re.compile(r"^( *)```.*?^\1```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
MARKUP = re.compile(r"<(style|script)>.*?</\1>|\{[%#{].*?[%#}]\}|<[^>]*>", re.DOTALL)
PAGE = Path(workspace_exports.__file__).parent / "coverage" / "page"
TEMPLATE = read_template(ROOT / "template.yaml")


def pages() -> list[Path]:
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / ".github").rglob("*.md")]
    return sorted(page for page in found if page.name not in RECORDS)


def described(node: object) -> Iterator[str]:
    """Every text of the template that a person reads."""
    if isinstance(node, list):
        for item in node:
            yield from described(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if isinstance(value, str) and re.search(r"Description$|^(Comment|default)$", key):
                yield value
            else:
                yield from described(value)


HEADINGS = re.compile(r"^#+ (What|Whether|How|Which|Who)\b", re.MULTILINE)


def riddles(text: str) -> list[str]:
    return [match[0] for match in RIDDLES.finditer(text)]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_keeps_to_the_words(page: Path) -> None:
    prose = CODE.sub("", page.read_text(encoding="utf-8"))
    assert {line for line in prose.splitlines() if riddles(line) or HEADINGS.match(line)} == set()


def test_the_template_keeps_to_the_words() -> None:
    texts = list(described(TEMPLATE))
    assert len(texts) > 150
    assert [text for text in texts if riddles(text)] == []


def test_comments_of_the_template_keep_to_the_words() -> None:
    comments = re.findall(r"^ *#(.*)", (ROOT / "template.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert [comment for comment in comments if riddles(comment)] == []


def test_the_coverage_page_keeps_to_the_words() -> None:
    html = unescape(MARKUP.sub(" ", (PAGE / "coverage.html").read_text(encoding="utf-8")))
    script = (PAGE / "coverage.js").read_text(encoding="utf-8")
    texts = [html, *re.findall(r'"[^"]*"|`[^`]*`|/\*\*.*?\*/|//.*', script)]
    assert "Made by workspace-exports" in html
    assert [text for text in texts if riddles(text)] == []


def test_the_golden_error_texts_keep_to_the_words() -> None:
    goldens = sorted((ROOT / "tests" / "data" / "errors").glob("*.txt"))
    lines = [line for golden in goldens for line in golden.read_text(encoding="utf-8").splitlines()]
    assert len(goldens) > 30
    assert [line for line in lines if riddles(line)] == []


@pytest.mark.parametrize("text", ["Tell people.", "Nobody knows", "it goes on", "What is missing?", "Mend it"])
def test_a_riddle_is_found(text: str) -> None:
    assert riddles(text)
