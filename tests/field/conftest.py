"""The fixtures of the unit and integration tests, for tests of what the field throws at the product."""

from tests.integration.conftest import (  # noqa: F401 - fixtures
    archive_url,
    environment,
    fetch,
    plan,
    poll,
    s3_environment,
    start,
    store,
)
from tests.unit.conftest import clock  # noqa: F401 - a fixture
