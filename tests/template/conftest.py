"""The template as AWS's transform leaves it, made once."""

import json
from typing import Any

import pytest

from local.artifact.target import Target
from local.release.template import released

PACKAGE = "workspace-exports-python3.14-arm64-0123456789abcdef.zip"
TARGET = Target((3, 13), "arm64")


@pytest.fixture(scope="session")
def release_text() -> str:
    return released(PACKAGE, TARGET)


@pytest.fixture(scope="session")
def release(release_text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(release_text)
    return document
