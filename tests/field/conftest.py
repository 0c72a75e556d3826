"""What the integration tests stand on, for inputs that the field brings."""

from tests.integration.conftest import (
    archive_url,
    bucket,
    environment,
    fetch,
    plan,
    planned,
    poll,
    s3,
    s3_client,
    s3_endpoint,
    s3_environment,
    signing_endpoint,
    start,
    start_empty,
    store,
)
from tests.unit.conftest import clock

__all__ = [
    "archive_url",
    "bucket",
    "clock",
    "environment",
    "fetch",
    "plan",
    "planned",
    "poll",
    "s3",
    "s3_client",
    "s3_endpoint",
    "s3_environment",
    "signing_endpoint",
    "start",
    "start_empty",
    "store",
]
