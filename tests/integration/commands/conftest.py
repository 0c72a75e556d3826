"""Sizes of the tests of the commands: what tells whether `run` works is in `make test`, the rest in `make check`."""

from pathlib import Path

import pytest

IN_TEST = {"test_export_scenarios.py", "test_run_command.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the other files to `make check`."""
    for item in items:
        if Path(__file__).parent in item.path.parents and item.path.name not in IN_TEST:
            item.add_marker(pytest.mark.check)
