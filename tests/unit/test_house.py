"""One name, one place: a newcomer who looks for a module or a class finds one."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import workspace_exports

PACKAGE = Path(workspace_exports.__file__).parent
ROOT = PACKAGE.parents[1]
MODULES = [path for path in PACKAGE.rglob("*.py") if path.name not in {"__init__.py", "__main__.py"}]


def doubled(names: list[str]) -> list[str]:
    return sorted(name for name, times in Counter(names).items() if times > 1)


def test_no_module_name_stands_in_two_rooms() -> None:
    assert doubled([path.stem for path in MODULES]) == []


def test_no_class_name_means_two_things() -> None:
    trees = (ast.parse(path.read_bytes()) for path in MODULES)
    assert doubled([node.name for tree in trees for node in tree.body if isinstance(node, ast.ClassDef)]) == []


def test_the_map_and_the_contract_name_every_room() -> None:
    (layers,) = (
        contract["layers"]
        for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    )
    rooms = {path.stem for path in PACKAGE.iterdir() if path.name not in {"__init__.py", "__pycache__"}}
    named = [room.strip() for layer in layers for room in layer.split("|")]
    assert sorted(named) == sorted(rooms)
    assert [line for line in named if line not in (workspace_exports.__doc__ or "")] == []


def test_a_handler_parses_calls_and_dumps_in_45_lines() -> None:
    long = {
        path.parent.name: lines
        for path in (ROOT / "functions").glob("*/app.py")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 45
    }
    assert long == {}


RIDDLES = re.compile(
    r"^(What|Whether|How|Which|Where|Why|Whose|Who|Of|The same|As)\b"
    r"|\b(nobody|somebody|anybody|everybody|no one|whoever|whatever|whichever)\b",
    re.IGNORECASE,
)
"""Openings and words that make a native reader translate; ruff's D401 demands the imperative of functions."""


def docstrings(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.lineno, node.value.value


def test_docstrings_say_it_plainly() -> None:
    files = [*PACKAGE.rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}:{line}: {riddle[0]}"
        for path in files
        for line, text in docstrings(path)
        if (riddle := RIDDLES.search(text))
    ]
    assert found == []
