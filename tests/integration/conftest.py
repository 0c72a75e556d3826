"""Fixtures of the integration tests: the handlers against the vendor stand-in, and archives with real semantics."""

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
from tests.support.fixtures.handlers import environment, fetch, plan, planned, poll, start, start_empty

__all__ = [
    "archive_url",
    "bucket",
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
