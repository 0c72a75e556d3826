"""What the integration tests stand on, for inputs that the field brings."""

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
from tests.support.fixtures.clock import clock
from tests.support.fixtures.handlers import environment, fetch, plan, planned, poll, start, start_empty
from workspace_exports.client.requests import RequestSender


@pytest.fixture
def at_once(environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The functions' environment; a caller waits for nothing."""
    environment.setitem(RequestSender.__init__.__kwdefaults__ or {}, "sleep", lambda _: None)
    return environment


__all__ = [
    "archive_url",
    "at_once",
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
