"""Archives of these tests: a folder in `make test`, S3 in `make test-nightly`.

CI has S3 in the tests of storage, faults and interruptions, and in those of the deployed workflows.
"""

from pathlib import Path

import pytest

from tests.support.fixtures.archives import archive_at
from tests.support.fixtures.clock import clock


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.nightly)])
def archive_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return archive_at(request, tmp_path)


__all__ = ["clock"]
