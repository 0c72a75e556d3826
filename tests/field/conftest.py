"""Fixtures of the integration tests, for tests of what the field has thrown at it."""

from tests.integration.conftest import (  # noqa: F401 - fixtures are found by their names
    archive_url,
    bucket,
    environment,
    fetch,
    plan,
    poll,
    s3,
    s3_client,
    s3_endpoint,
    s3_environment,
    start,
    store,
)
