"""A vendor that admits ten calls a minute of each project: every window lands, each with one task.

THROTTLED_WINDOWS=200 for as many as the benchmark has; all clocks run twenty times as fast.
"""

import os
from datetime import timedelta

import pytest

from local.bench.rehearsal import Shape
from local.bench.throttling import KINDS, LIMIT, rehearsed
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

pytestmark = pytest.mark.nightly

WINDOWS = int(os.environ.get("THROTTLED_WINDOWS", "40"))
LAST = (utc_now() - LATE_DATA).date() - timedelta(days=1)


@pytest.mark.parametrize("projects", [1, 4])
def test_every_window_lands_with_one_task(projects: int) -> None:
    days = WINDOWS // projects // len(KINDS)
    range_ = (str(LAST - timedelta(days=days - 1)), str(LAST))
    shape = Shape(name="a few windows", projects=projects, kinds=KINDS, days=range_, quota=LIMIT)
    found = rehearsed(shape)
    print(found)  # noqa: T201
    assert found.planned == projects * len(KINDS) * days
    assert (found.landed, found.tasks) == (found.planned, found.planned)
    assert found.answered == 3 * found.planned
    assert found.peak == LIMIT.calls
    assert found.refused > 0
