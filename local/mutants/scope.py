"""What is mutated, and where its results are kept."""

from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = Path("shared/workspace_exports")
KEPT = Path(".build/mutants")
PAGE = Path("docs/mutants.md")

LEAST_SCORE = 0.85
"""Overall, and in each area."""

MOST_SECONDS = 4.0
"""Of tests for one mutant, as they take without a fault."""

AREAS = {
    "client": (
        "client/workspace.py",
        "client/requests.py",
        "client/task_list.py",
        "client/tasks.py",
        "client/lost_orders.py",
    ),
    "retry": ("client/retry.py",),
    "planning": ("planning/*.py",),
    "archive": ("archive/*.py",),
}
"""Each a pattern of files below the product's package."""


def modules(area: str) -> list[str]:
    """Those of an area, as `vendor/retry`, in the order of the names."""
    package = ROOT / PACKAGE
    files = (file for pattern in AREAS[area] for file in sorted(package.glob(pattern)))
    return [str(file.relative_to(package).with_suffix("")) for file in files if file.stem != "__init__"]


def chosen(names: Iterable[str]) -> list[str]:
    """The modules that these areas and modules name; by default all.

    Raises:
        KeyError: there is no such area or module.
    """
    every = [module for area in AREAS for module in modules(area)]
    wanted: set[str] = set()
    for name in names:
        found = modules(name) if name in AREAS else [module for module in every if module == name]
        if not found:
            raise KeyError(name)
        wanted.update(found)
    return [module for module in every if module in wanted or not wanted]


def path_of(module: str) -> Path:
    """Its file, from the project's root."""
    return PACKAGE / f"{module}.py"


def name_of(module: str) -> str:
    """Its name for Python."""
    return ".".join((PACKAGE.name, *module.split("/")))
