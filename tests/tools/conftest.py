"""Tests of what the repository brings for itself: stand-in, engine, demo, benchmarks, documents, set-up."""

from pathlib import Path

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave them all to `make check`."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.check)
