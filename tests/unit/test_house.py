"""One name, one place: a newcomer who looks for a module or a class finds one."""

import ast
import tomllib
from collections import Counter
from pathlib import Path

import workspace_exports

PACKAGE = Path(workspace_exports.__file__).parent
ROOT = PACKAGE.parents[1]
MODULES = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py"]


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
