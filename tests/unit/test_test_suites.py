"""The house rules of the tests: who imports whom, one name in one place, and a README that lists each suite."""

import ast
import re
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import workspace_exports

TESTS = Path(__file__).parents[1]
ROOMS = {path.stem for path in Path(workspace_exports.__file__).parent.iterdir()}
MODULES = sorted(TESTS.rglob("*.py"))
README = (TESTS / "README.md").read_text(encoding="utf-8")


def imports(module: Path) -> Iterator[str]:
    """Yield every module that a module imports, and every name that it imports from one."""
    for node in ast.walk(ast.parse(module.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.check
def test_no_module_imports_a_test_module_or_a_conftest() -> None:
    found = [
        f"{module.relative_to(TESTS)}: {name}"
        for module in MODULES
        for name in imports(module)
        if re.match(r"tests\.(.*\.)?(test_\w+|conftest)(\.|$)", name)
    ]
    assert found == [], "move what they share to tests/support"


def test_each_test_file_has_a_name_of_its_own() -> None:
    times = Counter(path.name for path in MODULES if path.name.startswith("test_"))
    assert [name for name, number in times.items() if number > 1] == []


def test_nothing_lies_loose_beside_the_suites() -> None:
    assert [path.name for path in TESTS.glob("*.py")] == ["conftest.py"]


def test_the_folders_of_unit_tests_are_rooms_of_the_package() -> None:
    assert {path.name for path in (TESTS / "unit").iterdir() if path.is_dir()} - {"__pycache__"} <= ROOMS


def test_unit_tests_call_no_handler() -> None:
    found = [
        f"{module.relative_to(TESTS)}: {name}"
        for module in (TESTS / "unit").rglob("*.py")
        for name in imports(module)
        if re.fullmatch(r"functions\.\w+(\.app(\.handler)?)?", name)
    ]
    assert found == []


@pytest.mark.parametrize("call", ["bind", "connect", "connect_ex"])
def test_unit_tests_open_no_socket(call: str) -> None:
    with socket.socket() as opened, pytest.raises(AssertionError, match="opened a socket"):
        getattr(opened, call)(("127.0.0.1", 0))


def test_one_module_fakes_the_lambda_context() -> None:
    fakes = [path for path in MODULES if b"get_remaining_time_in_millis" in path.read_bytes()]
    expected = {TESTS / "support" / "lambda_context.py", Path(__file__)}
    assert [str(path.relative_to(TESTS)) for path in fakes if path not in expected] == []


def test_the_readme_has_a_row_for_each_suite() -> None:
    suites = {path.relative_to(TESTS).parts[0] for path in MODULES if len(path.relative_to(TESTS).parts) > 1}
    rows = re.findall(r"^\| \[`([\w/]+)`\]\((\w+)\) \|", README, re.MULTILINE)
    assert {name for name, _ in rows} == suites - {"support", "data"}
    assert [name for name, link in rows if name != link] == []
