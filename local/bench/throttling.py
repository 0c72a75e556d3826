"""Throttling: every missing day of many projects, and of one, from a vendor that admits ten calls a minute."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from math import ceil
from statistics import mean

from local.bench.rehearsal import Rehearsal, Shape, rehearsing
from local.bench.results import Goal, Section
from local.standin import Quota, RecordedCall
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

SPEED = 20.0
LIMIT = Quota(calls=10, seconds=60)
KINDS = ("connection-records", "desktop-usage")

_TEXT = f"""\
The deployed template on the local engine, against a stand-in that admits {LIMIT.calls} calls of a project in any 60
seconds and answers 429 to the others (`APIGW.0308`). All clocks run {SPEED:g} times as fast: the vendor's limit, the
state machines' waits and retries, and the functions' own sleeps and deadlines; what the functions compute takes as long
as it takes, which makes a call look slower than it is. Calls a minute are those admitted, of one project; the least
time is what the limit alone needs for them, if all else took none. The vendor makes a file in 2 seconds."""

_TELLING = Quota(calls=LIMIT.calls, seconds=LIMIT.seconds, tells_when=True)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """How a run went.

    Attributes:
        planned: windows.
        landed: of these.
        tasks: made at the vendor.
        answered: calls that the vendor admitted.
        refused: calls that it answered with 429.
        peak: the most calls admitted of one project in any minute.
        mean: calls admitted of one project in a minute; each counts for the minute in which it takes up the limit.
        least_minutes: what the limit alone would have taken for the calls of the project with the most.
        minutes: from the first call to the last one.
    """

    shape: Shape
    planned: int
    landed: int
    tasks: int
    answered: int
    refused: int
    peak: int
    mean: float
    least_minutes: float
    minutes: float

    @property
    def share(self) -> float:
        """Of the limit, that was used."""
        return self.mean / LIMIT.calls


def run(_rounds: int) -> Section:
    """Each shape once: an hour of calls is its own repetition."""
    findings = [rehearsed(shape) for shape in shapes()]
    return Section(
        title="Throttling",
        text=_TEXT,
        columns=(
            "windows",
            "landed",
            "failed",
            "tasks",
            "calls",
            "429",
            "a minute: peak",
            "a minute: mean",
            "of the limit",
            "minutes",
            "least",
        ),
        rows=tuple(map(_row, findings)),
        goals=(
            Goal(what="windows that did not land", seen=sum(f.planned - f.landed for f in findings), at_most=0),
            Goal(what="tasks beyond one for each window", seen=sum(f.tasks - f.planned for f in findings), at_most=0),
        ),
        notes=(
            "What many projects take is decided by `ExportsAtOnce` (4), what one takes by the limit.",
            "Retry-After is not documented at this vendor; without one, nobody is told when to come back.",
        ),
    )


def shapes() -> Sequence[Shape]:
    """Two hundred windows, spread over many projects, and all of one."""
    last = (utc_now() - LATE_DATA).date() - timedelta(days=1)
    week = (str(last - timedelta(days=4)), str(last))
    return (
        Shape(name="of 20 projects", projects=20, kinds=KINDS, days=week, quota=LIMIT),
        Shape(name="of one project, every missing day", projects=1, kinds=KINDS, days=None, quota=LIMIT),
        Shape(name="the same, with Retry-After", projects=1, kinds=KINDS, days=None, quota=_TELLING),
    )


def rehearsed(shape: Shape, speed: float = SPEED) -> Finding:
    """One run of that shape, on a deployment of its own."""
    with rehearsing(shape, speed) as rehearsal:
        rehearsal.run()
        return found(rehearsal)


def found(rehearsal: Rehearsal) -> Finding:
    """What a run has left behind: in the archive's report, at the vendor, and in the engine's decisions."""
    report = rehearsal.report()
    calls = [call for call in rehearsal.vendor.requests if call.status is not None]
    times = admitted(calls)
    return Finding(
        shape=rehearsal.shape,
        planned=report.planned,
        landed=report.landed,
        tasks=len(rehearsal.vendor.tasks),
        answered=sum(map(len, times.values())),
        refused=sum(call.status == HTTPStatus.TOO_MANY_REQUESTS for call in calls),
        peak=max(map(most_in_a_minute, times.values())),
        mean=mean(map(a_minute, times.values())),
        least_minutes=least_minutes(max(map(len, times.values())), LIMIT),
        minutes=_minutes([moment for moments in times.values() for moment in moments]),
    )


def admitted(calls: Iterable[RecordedCall]) -> dict[str, list[datetime]]:
    """When the calls of each project came that were not turned away, in order."""
    times: dict[str, list[datetime]] = defaultdict(list)
    for call in calls:
        if call.status != HTTPStatus.TOO_MANY_REQUESTS:
            times[call.target.split("/")[2]].append(call.received_at)
    return {project: sorted(moments) for project, moments in times.items()}


def most_in_a_minute(moments: Sequence[datetime]) -> int:
    """The most of them in any sixty seconds."""
    most, within = 0, deque[datetime]()
    for moment in moments:
        within.append(moment)
        while within[0] <= moment - _MINUTE:
            within.popleft()
        most = max(most, len(within))
    return most


def a_minute(moments: Sequence[datetime]) -> float:
    """How many there were in a minute, from the first to a minute behind the last; never more than the limit."""
    return len(moments) / (_minutes(moments) + 1)


def least_minutes(calls: int, limit: Quota) -> float:
    """How long so many calls take at least: the first lot at once, each further one when the one before is out."""
    return (ceil(calls / limit.calls) - 1) * limit.seconds / 60


def _minutes(moments: Sequence[datetime]) -> float:
    return (max(moments) - min(moments)) / _MINUTE


def _row(finding: Finding) -> tuple[str, ...]:
    return (
        f"{finding.planned} {finding.shape.name}",
        str(finding.landed),
        str(finding.planned - finding.landed),
        str(finding.tasks),
        str(finding.answered),
        str(finding.refused),
        str(finding.peak),
        f"{finding.mean:.1f}",
        f"{finding.share:.0%}",
        f"{finding.minutes:.0f}",
        f"{finding.least_minutes:.0f}",
    )
