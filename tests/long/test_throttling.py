"""A vendor that admits ten calls a minute of each project: every window lands, each with one task.

THROTTLED_WINDOWS=200 for as many as the study in docs/studies/throttling.md had; all clocks run twenty times as fast.
"""

import os
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

import pytest

from local.bench.rehearsal import Shape, rehearsing
from local.standin.quota import Quota
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

WINDOWS = int(os.environ.get("THROTTLED_WINDOWS", "40"))
KINDS = ("connection-records", "desktop-usage")
LIMIT = Quota(calls=10, seconds=60)
SPEED = 20.0
MINUTE = timedelta(seconds=LIMIT.seconds)
LAST = (utc_now() - LATE_DATA).date() - timedelta(days=1)


def most_in_a_minute(moments: Sequence[datetime]) -> int:
    most, within = 0, deque[datetime]()
    for moment in sorted(moments):
        within.append(moment)
        while within[0] <= moment - MINUTE:
            within.popleft()
        most = max(most, len(within))
    return most


@pytest.mark.nightly
@pytest.mark.parametrize("projects", [1, 4])
def test_every_window_lands_with_one_task(projects: int) -> None:
    days = WINDOWS // projects // len(KINDS)
    planned = projects * len(KINDS) * days
    with rehearsing(Shape(projects=projects, kinds=KINDS, quota=LIMIT), SPEED) as rehearsal:
        rehearsal.run((str(LAST - timedelta(days=days - 1)), str(LAST)))
        report, tasks = rehearsal.report(), rehearsal.vendor.tasks
        calls = [call for call in rehearsal.vendor.requests if call.status is not None]
    admitted: dict[str, list[datetime]] = {}
    for call in calls:
        if call.status != HTTPStatus.TOO_MANY_REQUESTS:
            admitted.setdefault(call.target.split("/")[2], []).append(call.received_at)
    assert (report.planned, report.landed, len(tasks)) == (planned, planned, planned)
    assert sum(map(len, admitted.values())) == 3 * planned
    assert max(map(most_in_a_minute, admitted.values())) == LIMIT.calls
    assert any(call.status == HTTPStatus.TOO_MANY_REQUESTS for call in calls)
