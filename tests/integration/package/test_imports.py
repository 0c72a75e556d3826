"""A function imports what it uses and nothing else: by names and numbers, which do not depend on a machine's speed."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local.artifact import ROOT, build
from local.bench.importing import imported

WITH_HTTP = {"httpx", "idna"}
EVERYWHERE = {
    "annotated_types",
    "aws_lambda_powertools",
    "functions",
    "jmespath",
    "obstore",
    "pydantic",
    "pydantic_core",
    "typing_extensions",
    "typing_inspection",
    "workspace_exports",
}
HTML = {"jinja2", "markupsafe"}
FILES = {"workspace_exports.archive.landing", "workspace_exports.client.download"}
ZIP = {"zipfile"}
WIRE = {"ssl", "http.client"}
TARGETS = {"workspace_exports.coverage.targets"}
LISTS = {"workspace_exports.coverage.baseline", "concurrent.futures"}
WAYS_TO_SIGN_IN = {
    "configparser",
    "workspace_exports.aws",
    "workspace_exports.client.credentials.profile",
    "workspace_exports.client.credentials.secret",
    "workspace_exports.client.iam",
    "workspace_exports.client.tokens",
}


@dataclass(frozen=True)
class Budget:
    """What one function may import.

    Attributes:
        modules: how many at most, on any Python; 3.14's own library has up to ten more than 3.13's.
        packages: beside those that all import.
        never: modules that only other functions have a use for.
    """

    modules: int
    packages: set[str] = field(default_factory=set)
    never: set[str] = field(default_factory=set)


BUDGETS = {
    "fetch_file": Budget(405, WITH_HTTP, TARGETS | LISTS),
    "plan_archive": Budget(315, never=FILES | ZIP | WIRE),
    "poll_status": Budget(380, WITH_HTTP, FILES | ZIP | TARGETS | LISTS),
    "record_failure": Budget(290, never=FILES | ZIP | WIRE | TARGETS | LISTS),
    "report_archive": Budget(380, HTML, FILES | WIRE),
    "show_coverage": Budget(325, never=FILES | ZIP | WIRE),
    "start_export": Budget(385, WITH_HTTP, FILES | ZIP | TARGETS | LISTS),
}


@pytest.fixture(scope="module")
def code() -> Path:
    return build().code


def test_every_function_has_a_budget() -> None:
    assert {app.parent.name for app in (ROOT / "functions").glob("*/app.py")} == set(BUDGETS)


@pytest.mark.parametrize("function", sorted(BUDGETS))
def test_a_function_imports_what_it_uses(function: str, code: Path) -> None:
    budget = BUDGETS[function]
    modules = set(imported(code, f"functions.{function}.app").told["modules"])
    packages = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
    assert {package for package in packages if not package.startswith("_")} == EVERYWHERE | budget.packages
    assert modules & (budget.never | WAYS_TO_SIGN_IN) == set()
    assert len(modules) <= budget.modules, "look at `make bench BENCH=imports`, or raise the budget, and say why"


def test_the_collector_rests_while_a_function_starts(code: Path) -> None:
    assert imported(code, "workspace_exports").told["collects"] is False
    assert imported(code, "functions.poll_status.app").told["collects"] is True


def test_the_commands_and_their_libraries_are_not_deployed(code: Path) -> None:
    assert (code / "workspace_exports" / "core").is_dir()
    assert [name for name in ("workspace_exports/commands", "typer", "rich") if (code / name).exists()] == []
