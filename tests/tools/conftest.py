"""Tests of what the repository brings for itself: commands, stand-in, engine, demo, benchmarks, documents, set-up."""

from pathlib import Path

import pytest

from tests.support.fixtures.archives import (
    archive_url,
    bucket,
    s3,
    s3_client,
    s3_endpoint,
    s3_environment,
    signing_endpoint,
    store,
)
from tests.support.fixtures.handlers import environment


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave them all to `make check`."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.check)


__all__ = [
    "archive_url",
    "bucket",
    "environment",
    "s3",
    "s3_client",
    "s3_endpoint",
    "s3_environment",
    "signing_endpoint",
    "store",
]
