"""The template as AWS's transform leaves it, made once."""

import json
from typing import Any

import pytest

from local.release.template import released
from tests.support.template.release import PACKAGE, TARGET


@pytest.fixture(scope="session")
def release_text() -> str:
    return released(PACKAGE, TARGET)


@pytest.fixture(scope="session")
def release(release_text: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(release_text)
    return document
