"""A vendor that keeps the time of a clock, which a test moves."""

from collections.abc import Iterator

import pytest

from local.standin.clock import SettableClock
from local.standin.server import VendorStandIn
from tests.support.checks.leaks import CANARIED
from workspace_exports.core.clock import utc_now


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(utc_now())


@pytest.fixture
def vendor(clock: SettableClock) -> Iterator[VendorStandIn]:
    """A vendor that has every file ready at once."""
    with VendorStandIn(contents=CANARIED, task_seconds=0, clock=clock) as vendor:
        yield vendor
