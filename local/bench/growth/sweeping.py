"""What the sweeps have in common: a function's process against a bucket, again and again."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from local.artifact import ROOT
from local.bench.growth.bucket import Bucket
from local.bench.growth.slopes import Point, Sweep
from local.bench.measuring import Measure, interleaved, measured, median
from local.standin import DEMO_ACCESS_KEY, DEMO_REGION, DEMO_SECRET_KEY

MOST_ROUNDS = 2
"""The largest amounts of work take seconds each, and there are many."""

SETTINGS = {
    "PATH": os.environ["PATH"],
    "PYTHONPATH": f"{ROOT / 'shared'}:{ROOT}",
    "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
    "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
    "WORKSPACE_REGION": DEMO_REGION,
}

NO_MORE: Mapping[str, str] = MappingProxyType({})

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One amount of work.

    Attributes:
        work: How much it is.
        measure: Does it; has told the seconds of processor time.
        requests: How many that took, to be asked right after it.
        bound: As many as there may be; to be asked then too.
        share: Of the work, what is done to measure it.
    """

    work: int
    measure: Callable[[], Measure]
    requests: Callable[[], int]
    bound: Callable[[], int]
    share: float = 1.0

    def taken(self) -> Measure:
        """The measure, and the requests it took."""
        found = self.measure()
        return replace(found, told={**found.told, "requests": self.requests(), "bound": self.bound()})


def sweep(name: str, unit: str, cases: Iterable[Case], rounds: int) -> Sweep:
    """All amounts in turn, again and again; the medians."""
    by_work = {str(case.work): case for case in cases}
    taken = interleaved({work: case.taken for work, case in by_work.items()}, min(rounds, MOST_ROUNDS))
    return Sweep(name, unit, [_point(case, taken[work]) for work, case in by_work.items()])


def _point(case: Case, measures: list[Measure]) -> Point:
    return Point(
        work=case.work,
        seconds=median(measures, lambda measure: measure.told["seconds"]) / case.share,
        peak_bytes=round(median(measures, lambda measure: measure.peak_bytes)),
        requests=round(max(measure.told["requests"] for measure in measures) / case.share),
        bound=round(measures[0].told["bound"] / case.share),
    )


def invoked(functions: Iterable[str], events: Iterable[Event], environment: Mapping[str, str]) -> Measure:
    """The functions' process; the first event warms it up.

    Raises:
        RuntimeError: a function failed; the message has what it said.
    """
    command = [sys.executable, "-m", "local.bench.growth.invoking", *functions]
    return measured(command, {**SETTINGS, **environment}, "\n".join(map(json.dumps, events)))


def invoked_on(
    bucket: Bucket, functions: Iterable[str], events: Iterable[Event], environment: Mapping[str, str] = NO_MORE
) -> Measure:
    """The same, on the archive of many projects in that bucket, as it was at first."""
    bucket.restore()
    return invoked(functions, events, {"ARCHIVE_TARGETS": "true", **bucket.environment, **environment})
