"""An error's text is read back part by part: that text is all that crosses from a function to the state machine."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workspace_exports.core.error_text import ErrorText
from workspace_exports.core.errors import ExportError, TaskFailed

LINES = st.text(st.characters(exclude_categories=["C", "Zl", "Zp"]), min_size=1)
"""Whatever `quoting.line` lets through of the vendor's words."""
WORDS = LINES.filter(lambda text: not text.endswith(".") or text.endswith("..."))
TOKENS = st.from_regex(r"[A-Za-z0-9_-]{1,40}", fullmatch=True)
CODES = st.from_regex(r"[A-Z]{2,6}\.\d{4,8}", fullmatch=True) | TOKENS
WINDOWS = st.sampled_from(["2026-11-20T00:00:00Z/2026-11-20T23:59:59Z", "2026-11-20T00:00:00Z/", "/"])
FACTS: dict[str, Any] = {
    "vendor_code": CODES,
    "vendor_reason": WORDS,
    "kind": TOKENS,
    "window": WINDOWS,
    "task_id": TOKENS,
    "vendor_request_id": TOKENS,
}
ACCOUNTS = st.fixed_dictionaries({}, optional=FACTS)


@given(what=LINES, advice=LINES.filter(lambda text: not text.startswith(("[", "The vendor says"))), facts=ACCOUNTS)
@example(what="No", advice="Wait", facts={"vendor_reason": "WKS.1: not a code of theirs"})
@example(what="The vendor says no: never", advice="Wait", facts={"vendor_code": "WKS.1"})
@example(what="No [kind=other]", advice="Wait [task_id=other]", facts={"kind": "mine"})
def test_what_is_told_is_read_back(what: str, advice: str, facts: dict[str, str]) -> None:
    read = ErrorText.read(str(ErrorText(what, advice, **facts)))
    assert read.what.removesuffix(".") == what.removesuffix(".")
    assert read.advice.removesuffix(".") == advice.removesuffix(".")
    assert {name: getattr(read, name) for name in FACTS} == dict.fromkeys(FACTS) | facts


@given(st.text())
@example("[]")
@example("a\n[")
@example("a\nThe vendor says\nb\n[=]")
@example("a\nThe vendor says, without a code: \nb\n[kind]")
def test_any_text_is_read_and_keeps_its_words(text: str) -> None:
    assert text.split("\n", maxsplit=1)[0] in ErrorText.read(text).what


def test_a_foreign_text_is_what_went_wrong() -> None:
    assert ErrorText.read("'key'") == ErrorText("'key'", "")
    assert ErrorText.read("one\ntwo\nthree\nfour\nfive") == ErrorText("one\ntwo\nthree\nfour\nfive", "")


@pytest.mark.parametrize("said", [{"vendor_code": "WKS.1"}, {"vendor_reason": "full"}, {}])
def test_an_error_is_read_back_from_what_the_runtime_takes_of_it(said: dict[str, Any]) -> None:
    error: ExportError = TaskFailed("It failed", task_id="t", **said)
    assert ErrorText.read(str(error)) == ErrorText("It failed.", error.next_step, task_id="t", **said)


def test_a_part_never_takes_more_than_its_line() -> None:
    account = ErrorText("It\nfailed", "Wait\r\nthen ask", vendor_reason="no\u2028way", kind="k\nx")
    assert str(account).split("\n") == [
        "It failed.",
        "The vendor says, without a code: no way.",
        "Wait then ask.",
        "[kind=k x]",
    ]
