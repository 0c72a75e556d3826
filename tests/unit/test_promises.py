"""The page of promises names tests that there are, and some for each."""

import ast
import re
from pathlib import Path

import pytest

from local.artifact import ROOT

_TEST = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (R\d+): .*?\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def test_there_are_ten() -> None:
    assert list(SECTIONS) == [f"R{n}" for n in range(1, 11)]


@pytest.mark.parametrize("promise", SECTIONS)
def test_each_is_shown_by_tests_that_there_are(promise: str) -> None:
    named = _TEST.findall(SECTIONS[promise])
    assert named
    assert [name for name in named if name[1] not in named_in(ROOT / name[0])] == []


def named_in(file: Path) -> set[str]:
    """Their names, a class's before them."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    bodies = [("", tree.body), *((f"{found.name}::", found.body) for found in classes)]
    return {f"{prefix}{node.name}" for prefix, body in bodies for node in body if isinstance(node, ast.FunctionDef)}
