"""Random schedules of calls, faults, clock jumps and crashes; a failing one is printed as a script of the rules below."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

from local.standin import DEMO_PROJECT_ID
from tests.leaks import FILTER_CANARY
from tests.model.mishaps import ANY_CALL, DOWNLOADS, ORDERS, STORAGE, Dies, Mishap, Storage
from tests.model.promises import Judge, Planned
from tests.model.reference import A_DAY, KINDS
from tests.model.workflow import Workflow
from tests.model.world import OTHER_PROJECT_ID, Call, World
from workspace_exports.clock import to_wire

PROJECTS = {"ours": DEMO_PROJECT_ID, "another": OTHER_PROJECT_ID}
REQUESTS: Mapping[str, dict[str, Any]] = {
    "records of a day": {"kind": "connection-records"},
    "records of a day in English": {"kind": "connection-records", "filters": {"language": "en_US"}},
    "records of a day, one person's": {"kind": "connection-records", "filters": {"user_name": FILTER_CANARY}},
    "records of an afternoon": {"kind": "connection-records", "from": time(12), "to": time(18)},
    "records since noon": {"kind": "connection-records", "from": time(12)},
    "usage of a day": {"kind": "user-usage"},
    "users": {"kind": "users"},
}
"""A day where no times are; English is what leaving the language out says."""

JUMPS = {
    "ten seconds": timedelta(seconds=10),
    "two minutes": timedelta(minutes=2),
    "eleven minutes": timedelta(minutes=11),
    "an hour": timedelta(hours=1, minutes=1),
    "seven hours": timedelta(hours=7),
    "a day": A_DAY,
    "two days and an hour": timedelta(days=2, hours=1),
    "a week": 7 * A_DAY,
    "a month": 30 * A_DAY,
}
DAYS_AGO = (1, 2, 3, 0, 28, 29, 30, 31)
DAYS_OF_QUIET = 4
"""Until no stuck task keeps a day from being ordered anew."""

mishaps = st.one_of(
    st.none(),
    st.none(),
    st.builds(Dies, after_effects=st.integers(1, 9)),
    st.builds(Storage, does=st.sampled_from(STORAGE), at=st.integers(1, 12), times=st.sampled_from([1, 1, 2, 99])),
)
kinds = st.sampled_from([kind for kind, rule in KINDS.items() if rule.reach])


class VendorAndArchive(RuleBasedStateMachine):
    """The archive of two projects' exports, in a world where anything may fail at any time.

    Args:
        archive_url: an empty archive.
    """

    steps = 0
    calls = 0
    """Of all machines of this process."""

    ordered = Bundle("ordered")
    looked = Bundle("looked")
    failures = Bundle("failures")
    runs = Bundle("runs")

    def __init__(self, archive_url: str) -> None:
        super().__init__()
        self._archive_url = archive_url

    @initialize(attempts=st.integers(1, 3), deletes_after_landing=st.booleans())
    def deploy(self, attempts: int, deletes_after_landing: bool) -> None:  # noqa: FBT001 - read by name in a script
        self.world = World(self._archive_url, attempts=attempts, deletes=deletes_after_landing)
        self.judge = Judge(self.world)
        self.workflow = Workflow(self.judge)

    # Calls

    @rule(
        target=ordered,
        what=st.sampled_from(list(REQUESTS)),
        project=st.sampled_from(list(PROJECTS)),
        days_ago=st.sampled_from(DAYS_AGO),
        mishap=mishaps,
    )
    def start_export(self, what: str, project: str, days_ago: int, mishap: Mishap) -> Any:
        return self._kept(self.judge.perform("start-export", self._request(what, project, days_ago), mishap))

    @rule(target=ordered, call=failures, mishap=mishaps)
    def start_again(self, call: Call, mishap: Mishap) -> Any:
        """What failed is asked for once more, as it was."""
        names = {"kind", "project_id", "day", "start_time", "end_time", "filters"}
        request = {name: value for name, value in call.event.items() if name in names}
        if "day" in request:
            request = {name: value for name, value in request.items() if name not in {"start_time", "end_time"}}
        return self._kept(self.judge.perform("start-export", request, mishap))

    @rule(target=looked, event=st.one_of(ordered, looked), mishap=mishaps)
    def poll_status(self, event: dict[str, Any], mishap: Mishap) -> Any:
        """Of any order, however old, and however often."""
        return self._kept(self.judge.perform("poll-status", event, mishap))

    @rule(event=st.one_of(looked, ordered), mishap=mishaps)
    def fetch_file(self, event: dict[str, Any], mishap: Mishap) -> None:
        """Of any look, however late, and however often."""
        self.judge.perform("fetch-file", event, mishap)

    @rule(target=failures, event=st.one_of(looked, ordered))
    def fetch_file_in_vain(self, event: dict[str, Any]) -> Any:
        """Once more, for those who record failures."""
        call = self.judge.perform("fetch-file", event)
        return call if call.error else multiple()

    @rule(target=failures, what=st.sampled_from(list(REQUESTS)), days_ago=st.sampled_from(DAYS_AGO))
    def start_in_vain(self, what: str, days_ago: int) -> Any:
        """Once more, for those who record failures."""
        call = self.judge.perform("start-export", self._request(what, "ours", days_ago))
        return call if call.error else multiple()

    @rule(call=consumes(failures), mishap=mishaps)
    def record_failure(self, call: Call, mishap: Mishap) -> None:
        self.judge.record(call, mishap)

    @rule(target=runs, kind=kinds, mishap=mishaps)
    def plan_every_day(self, kind: str, mishap: Mishap) -> Any:
        return self.judge.plan({"kinds": [kind]}, mishap) or multiple()

    @rule(target=runs, kind=kinds, days_ago=st.integers(1, 31), days=st.integers(1, 3))
    def plan_some_days(self, kind: str, days_ago: int, days: int) -> Any:
        first = self.world.clock().date() - days_ago * A_DAY
        named = {"first_day": first.isoformat(), "last_day": (first + (days - 1) * A_DAY).isoformat()}
        return self.judge.plan({"kinds": [kind], **named}) or multiple()

    @rule(plan=runs, at_most=st.integers(1, 4), mishap=mishaps)
    def run_the_plan(self, plan: Planned, at_most: int, mishap: Mishap) -> None:
        """As far as it gets, and the report, whatever has happened since it was planned."""
        for request in plan.exports[:at_most]:
            self.workflow.export(request, mishap)
        self.judge.report(plan)

    @rule(plan=runs, mishap=mishaps)
    def report_archive(self, plan: Planned, mishap: Mishap) -> None:
        self.judge.report(plan, mishap)

    @rule(mishap=mishaps)
    def show_coverage(self, mishap: Mishap) -> None:
        self.judge.cover(mishap)

    # What happens to the vendor, and to time

    @rule(jump=st.sampled_from(list(JUMPS)))
    def advance(self, jump: str) -> None:
        self.world.clock.advance(seconds=JUMPS[jump].total_seconds())

    @rule(seconds=st.integers(-2, 2), hour=st.sampled_from([0, 3, 17]))
    def advance_to_the_hour(self, seconds: int, hour: int) -> None:
        """Around midnight, or around the hours at which a day has settled."""
        now = self.world.clock()
        then = datetime.combine(now.date() + A_DAY, time(hour), UTC) + timedelta(seconds=seconds)
        self.world.clock.advance(seconds=(then - now).total_seconds())

    @rule(operation=st.sampled_from(["list", "download", "delete", *KINDS]), meets=st.sampled_from(list(ANY_CALL)))
    def next_call(self, operation: str, meets: str) -> None:
        self.world.script(operation, meets)

    @rule(kind=st.sampled_from(list(KINDS)), meets=st.sampled_from(["a lost answer", "a reset before the work"]))
    def next_answer_is_lost(self, kind: str, meets: str) -> None:
        """What R3 is about, more often than chance would have it."""
        self.world.script(kind, meets)

    @rule(kind=st.sampled_from(list(KINDS)), task=st.sampled_from(list(ORDERS)))
    def next_order(self, kind: str, task: str) -> None:
        self.world.script(kind, task)

    @rule(meets=st.sampled_from(list(DOWNLOADS)))
    def next_download(self, meets: str) -> None:
        self.world.script("download", meets)

    @precondition(lambda self: self.world.is_up)
    @rule()
    def vendor_goes_down(self) -> None:
        self.world.fall()

    @precondition(lambda self: not self.world.is_up)
    @rule()
    def vendor_comes_back(self) -> None:
        self.world.rise()

    # What holds after all

    @invariant()
    def is_counted(self) -> None:
        VendorAndArchive.steps += 1

    def teardown(self) -> None:
        """After the storm the daily run brings in what can be had, and the rest is told by name (R7)."""
        if not hasattr(self, "world"):
            return
        try:
            if sys.exception() is None:
                self._calm_down()
        finally:
            VendorAndArchive.calls += self.judge.calls
            self.world.close()

    def _calm_down(self) -> None:
        self.world.calm()
        since_when = self.world.clock()
        for _ in range(DAYS_OF_QUIET if self.judge.reference.since else 0):
            for kind in list(self.judge.reference.since):
                plan = self.judge.plan({"kinds": [kind]})
                assert plan
                self.workflow.run(plan)
            self.world.clock.advance(days=1)
        for kind in self.judge.reference.since:
            self.judge.is_saved_or_beyond_saving(kind, since_when)
        self.judge.cover()

    def _request(self, what: str, project: str, days_ago: int) -> dict[str, Any]:
        wanted = dict(REQUESTS[what])
        day = self.world.clock().date() - days_ago * A_DAY
        bounds = {"start_time": wanted.pop("from", None), "end_time": wanted.pop("to", None)}
        given = {name: to_wire(datetime.combine(day, at, UTC)) for name, at in bounds.items() if at}
        if not given and KINDS[wanted["kind"]].reach:
            given = {"day": day.isoformat()}
        return {**wanted, **given, "project_id": PROJECTS[project]}

    @staticmethod
    def _kept(call: Call) -> dict[str, Any] | MultipleResults[Any]:
        return call.answer if call.answer else multiple()
