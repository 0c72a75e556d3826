"""Polling: how often a task is looked at, and how late its file is noticed, against a poll at fixed intervals."""

from datetime import timedelta

from local.bench.costing import AT_FIRST_LOOK, FURTHER_LOOK, one_project, path_of, yesterday
from local.bench.prices import CALL, TRANSITION
from local.bench.rehearsal import rehearsing
from local.bench.results import Goal, Section
from local.standin import Fate
from workspace_exports.lifecycle.polling_policy import PollingPolicy
from workspace_exports.runtime.settings.polling_times import PollingSettings

MAKING = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
FIXED = timedelta(seconds=5)
CHECKED = timedelta(minutes=1)

_SPEED = 10.0
_A_THOUSAND = 1000
_TOLERANCE = 1
"""A look more or less: the computed ones take no time."""


def run(_rounds: int) -> Section:
    """Computed from the policy as deployed, and checked on the engine for one duration."""
    seen, computed = looked_at(CHECKED), len(looks(CHECKED, deployed()))
    return Section(
        title="Polling",
        text=(
            "What it takes to wait for a file, by how long the vendor makes it: looks of the policy as deployed "
            f"(`PollingSettings`), and of one that looks every {FIXED.total_seconds():g} seconds. A look is "
            f"{FURTHER_LOOK} transitions, a function call and a call to the vendor; the dollars are those of 1,000 "
            "exports (transitions and function calls, at the prices of [money](#money), function time apart)."
        ),
        columns=(
            "file takes",
            "looks",
            "transitions",
            "vendor calls",
            "dollars",
            "noticed late by",
            "fixed: looks",
            "transitions",
            "vendor calls",
            "dollars",
            "ratio of the dollars",
        ),
        rows=tuple(map(_row, MAKING)),
        goals=(
            Goal(
                what=f"difference of the looks computed and seen, for a file of {CHECKED.total_seconds():g} s",
                seen=abs(seen - computed),
                at_most=_TOLERANCE,
            ),
        ),
        notes=(f"The engine looked {seen} times where {computed} are computed.",),
    )


def deployed() -> PollingPolicy:
    """The policy with nothing set."""
    return PollingSettings.read({}).polling


def looks(making: timedelta, policy: PollingPolicy) -> list[timedelta]:
    """When a file is looked for that takes so long; the last look finds it."""
    at = [timedelta(seconds=policy.wait_seconds())]
    while at[-1] < making:
        at.append(at[-1] + timedelta(seconds=policy.wait_seconds(at[-1])))
    return at


def fixed_looks(making: timedelta) -> int:
    """How many it takes at fixed intervals."""
    return max(1, -(-making // FIXED))


def looked_at(making: timedelta) -> int:
    """How often the real state machine looks at a file that takes so long, its functions warm."""
    with rehearsing(one_project(), _SPEED) as rehearsal:
        request = {"kind": "connection-records", "project_id": rehearsal.shape.project_ids[0], "day": yesterday()}
        rehearsal.execute(request | {"filters": {"user_name": "warm"}})
        rehearsal.vendor.script("connection-records", Fate(task_seconds=making.total_seconds()))
        return path_of(rehearsal.execute(request)).count("Look at the task")


def dollars(looks_: int) -> float:
    """Of transitions and function calls of 1,000 exports with so many looks."""
    return _A_THOUSAND * (transitions(looks_) * TRANSITION.dollars + (looks_ + 2) * CALL.dollars)


def transitions(looks_: int) -> int:
    """Of one export with so many looks."""
    return AT_FIRST_LOOK + FURTHER_LOOK * (looks_ - 1)


def _row(making: timedelta) -> tuple[str, ...]:
    at, fixed = looks(making, deployed()), fixed_looks(making)
    return (
        _told(making),
        str(len(at)),
        str(transitions(len(at))),
        str(len(at) + 2),
        f"{dollars(len(at)):.2f}",
        _told(at[-1] - making),
        str(fixed),
        str(transitions(fixed)),
        str(fixed + 2),
        f"{dollars(fixed):.2f}",
        f"{dollars(len(at)) / dollars(fixed):.2f}",
    )


def _told(duration: timedelta) -> str:
    return f"{duration.total_seconds():g} s"
