"""The tests that a text names, and those of them that do not exist."""

import ast
import re
from functools import cache
from pathlib import Path

from local.artifact import ROOT

TEST = re.compile(r"`(tests/[\w/]+\.py)::([\w:]+)`")


def missing(text: str) -> list[str]:
    """The tests named in it that there are not."""
    return [f"{file}::{name}" for file, name in TEST.findall(text) if name not in named_in(ROOT / file)]


@cache
def named_in(file: Path) -> frozenset[str]:
    """The names of its tests, a class's before them."""
    tree = ast.parse(file.read_text(encoding="utf-8")) if file.is_file() else ast.Module([], [])
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    bodies = [("", tree.body), *((f"{found.name}::", found.body) for found in classes)]
    return frozenset(
        f"{prefix}{node.name}" for prefix, body in bodies for node in body if isinstance(node, ast.FunctionDef)
    )
