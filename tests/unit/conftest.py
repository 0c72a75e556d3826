"""What several unit tests stand on."""

from datetime import datetime
from types import SimpleNamespace

import pytest

from local.standin.clock import SettableClock
from tests.builders import NOW


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    """The product's, at the one place where it asks for the time."""
    clock = SettableClock(NOW)
    monkeypatch.setattr(
        "workspace_exports.core.clock.datetime", SimpleNamespace(now=lambda _: clock(), strptime=datetime.strptime)
    )
    return clock
