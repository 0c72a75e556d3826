"""Random schedules of calls, faults, clock jumps and crashes; a failing one is printed as a script of these rules."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    rule,
)

from local.standin.accounts import DEMO_PROJECT_ID
from tests.model.daily import Daily, Planned
from tests.model.mishaps import (
    ANY_CALL,
    DOWNLOADS,
    GARBLED,
    LOSES_ANSWER,
    NO_DATA,
    ORDERS,
    OTHER_TYPE,
    RARE,
    SHOWS_NOTHING,
    STORAGE,
    STRANGER,
    Dies,
    Mishap,
    Overtaken,
    Storage,
)
from tests.model.operator import Operator
from tests.model.promises import Judge
from tests.model.reference import LEFT_ALONE
from tests.model.things import A_DAY, KINDS, LONGEST_CALL, whole_day
from tests.model.workflow import Workflow
from tests.model.world import OTHER_PROJECT_ID, Call, World
from tests.support.checks.leaks import FILTER_CANARY
from workspace_exports.core.clock import to_wire

Meets = tuple[str, ...]
"""One call after the other, by the names of the faults."""

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
    "eight days": 8 * A_DAY,
    "a month": 30 * A_DAY,
}
PAUSES = {
    "at once": timedelta(),
    "ten seconds later": timedelta(seconds=10),
    "two minutes later": timedelta(minutes=2),
    "an hour later": timedelta(hours=1, minutes=1),
}
"""Between two calls about one export: as a retry is made, or as a state machine waits."""
HOURS = {
    "midnight": time(),
    "a second before it settles": time(2, 59, 59),
    "it settles": time(3),
    "usage settles": time(17),
    "a second after usage settles": time(17, 0, 1),
}
"""Of the next day."""

DAYS_AGO = (1, 1, 1, 2, 2, 0, 29, 30)
"""Few, and one of them mostly, so that schedules come back to what they have left behind."""
AFTERWARDS = ("nothing", "an export", "an export without data", "a late fetch")
"""After a day was taken back."""
DAYS_OF_QUIET = 4
"""Until no stuck task keeps a day from being ordered anew."""

DEATHS = [Dies(after_effects) for after_effects in range(1, 10)]
STORAGE_FAILURES = [Storage(does, at, times) for does in STORAGE for at in range(1, 13) for times in (1, 2, 99)]
OVERTAKEN = [Overtaken(after_effects) for after_effects in range(2, 6)]
MISHAPS: list[Mishap] = [*[None] * 400, *DEATHS * 16, *STORAGE_FAILURES]
mishaps = st.sampled_from(MISHAPS)
"""Mostly none: what a call meets at the vendor is to be seen as well."""


@dataclass(frozen=True)
class Ahead:
    """What the next call of that operation meets, or what becomes of the task it makes."""

    operation: str
    meets: str


FAULTS = [
    *(Ahead("connection-records", task) for task in ORDERS),
    *(Ahead(kind, task) for kind in KINDS for task in ORDERS),
    *(Ahead("download", name) for name in DOWNLOADS),
    *(
        Ahead(operation, name)
        for operation in (*KINDS, "list", "download", "delete")
        for name in ANY_CALL
        if name not in RARE
    ),
    *(Ahead(operation, name) for operation in ("list", "download") for name in RARE),
    *(Ahead(kind, "a lost answer") for kind in KINDS for _ in range(4)),
]
"""Lost answers more often than chance would have them: R3 is about those; a 401 less often: little happens after it."""

fetches = st.sampled_from([*MISHAPS, *OVERTAKEN * 60])
orders = st.sampled_from(
    [
        *[()] * 4,
        *[(LOSES_ANSWER,)] * 3,
        (LOSES_ANSWER, LOSES_ANSWER),
        ("500",),
        ("a reset before the work",),
        *[("429 for an hour",)] * 2,
        *[(task,) for task in ORDERS],
        *[(NO_DATA,)] * 2,
        *[(name,) for name in GARBLED],
        (LOSES_ANSWER, "an unknown code in a 200"),
    ]
)
"""What the vendor does to the orders of one start."""
downloads = st.sampled_from(
    [*[()] * 8, *[(name,) for name in DOWNLOADS], ("cut short",) * 3, *[(OTHER_TYPE,) * n for n in (1, 2)]]
)
"""And to the downloads of one fetch."""
SAYS: Mapping[str, tuple[Meets, Meets]] = {
    "no data": ((NO_DATA,), ()),
    "another type": ((), (OTHER_TYPE,)),
    "another type twice": ((), (OTHER_TYPE, OTHER_TYPE)),
    "another type, then a page": ((), (OTHER_TYPE, "a web page")),
}
"""What a task may say that counts only once two say so: what becomes of it, and what its downloads meet."""
BETWEEN_STATEMENTS = ("ten seconds", "ten seconds", "a day", "a week", "eight days")
pauses = st.sampled_from([*PAUSES, "at once"])
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
        self._planned_at: dict[str, datetime] = {}

    @initialize(attempts=st.integers(1, 3), deletes_after_landing=st.booleans())
    def deploy(self, attempts: int, deletes_after_landing: bool) -> None:  # noqa: FBT001 - read by name in a script
        self.world = World(self._archive_url, attempts=attempts, deletes=deletes_after_landing)
        self.judge = Judge(self.world)
        self.daily = Daily(self.judge)
        self.workflow = Workflow(self.judge, self.daily)
        self.operator = Operator(self.judge)

    # Calls

    @rule(
        target=ordered,
        what=st.sampled_from(list(REQUESTS)),
        project=st.sampled_from(["ours", "ours", "ours", "another"]),
        days_ago=st.sampled_from(DAYS_AGO),
        order=orders,
        looks=st.sampled_from([*[0] * 5, 1, 2]),
        mishap=mishaps,
        times=st.sampled_from([1, 1, 2]),
    )
    def start_export(
        self, what: str, project: str, days_ago: int, order: Meets, looks: int, mishap: Mishap, times: int
    ) -> Any:
        """Delivered so often, one right after the other; that is what the order and so many looks for its task meet."""
        request = self._request(what, project, days_ago)
        self._script(request["kind"], order)
        self._script("list", (SHOWS_NOTHING,) * looks)
        return self._ordered(request, mishap, times)

    @rule(target=ordered, event=ordered, pause=pauses, mishap=mishaps)
    def start_export_again(self, event: dict[str, Any], pause: str, mishap: Mishap) -> Any:
        """The same thing as in an earlier start, however long ago."""
        names = {"kind", "project_id", "day", "start_time", "end_time", "filters"}
        given = {name: value for name, value in event.items() if name in names}
        self._wait(pause)
        return self._ordered(given, mishap)

    @rule(
        target=ordered,
        neighbour=st.sampled_from(list(REQUESTS)),
        what=st.sampled_from(list(REQUESTS)),
        dies=st.builds(Dies, after_effects=st.integers(3, 4)),
        order=st.sampled_from(["500", "a reset before the work", "a web page", "a 204", LOSES_ANSWER, LOSES_ANSWER]),
    )
    def start_export_beside_another(self, neighbour: str, what: str, dies: Dies, order: str) -> Any:
        """While it is open what has become of the neighbour's order, the own one's answer is lost as well."""
        first, second = self._request(neighbour, "ours", 1), self._request(what, "ours", 2)
        answers = [self._started(first, dies)]
        self._script(second["kind"], (order,))
        return multiple(*filter(None, [*answers, self._started(second)]))

    @rule(target=ordered, what=st.sampled_from(["users", "records since noon", "usage of a day"]))
    def start_export_beside_a_stranger(self, what: str) -> Any:
        """Its answer is lost, and the list shows two tasks of that moment; one was ordered in the vendor's console."""
        self._wait("an hour later")
        self.world.calm()
        request = self._request(what, "ours", 1)
        self._script(request["kind"], (LOSES_ANSWER,))
        self._script("list", (STRANGER,))
        self.judge.reference.expect_stranger(self.world.clock(), request["project_id"])
        answer = self._ordered(request, None)
        self.world.calm()
        self._wait("two minutes later")
        return answer

    @rule(
        target=ordered,
        what=st.sampled_from(list(REQUESTS)),
        task=st.sampled_from(["expires at once", "fails", NO_DATA]),
        order=st.sampled_from(["500", "a reset before the work", "a web page", LOSES_ANSWER]),
    )
    def start_export_right_after_a_task_has_ended(self, what: str, task: str, order: str) -> Any:
        """The task of the start before comes to nothing at once, and it is not known what becomes of the next order."""
        self._wait("an hour later")
        self.world.calm()
        request = self._request(what, "ours", 1)
        self._script(request["kind"], (task, order))
        return self._ordered(request, None, times=2)

    @rule(target=looked, event=st.one_of(ordered, looked), pause=pauses, mishap=mishaps)
    def poll_status(self, event: dict[str, Any], pause: str, mishap: Mishap) -> Any:
        """Of any order, however old, and however often."""
        self._wait(pause)
        return self.judge.perform("poll-status", event, mishap).answer or multiple()

    @rule(
        target=failures,
        event=st.one_of(looked, ordered),
        download=downloads,
        mishap=fetches,
        looks=st.sampled_from([None, None, "at once", "two minutes later"]),
    )
    def fetch_file(self, event: dict[str, Any], download: Meets, mishap: Mishap, looks: str | None) -> Any:
        """Of any order, however late, and however often; what was downloaded is looked at once more."""
        self._script("download", download)
        call = self.judge.perform("fetch-file", event, mishap)
        if looks:
            self._wait(looks)
            self.judge.perform("poll-status", event)
        return self._failed(call)

    @rule(
        what=st.sampled_from(list(REQUESTS)),
        days_ago=st.sampled_from(DAYS_AGO),
        tasks=st.sampled_from([*[()] * 4, *[(NO_DATA,) * n for n in (1, 2, 2)]]),
        start_export=mishaps,
        fetch_file=fetches,
    )
    def run_export_workflow(
        self, what: str, days_ago: int, tasks: Meets, start_export: Mishap, fetch_file: Mishap
    ) -> None:
        """The whole of one export; the first call of each of these functions suffers its mishap."""
        self._script(REQUESTS[what]["kind"], tasks)
        self.workflow.export(self._request(what, "ours", days_ago), start_export, fetch_file)

    @rule(
        what=st.sampled_from(list(REQUESTS)),
        says=st.lists(st.tuples(st.sampled_from(list(SAYS)), st.sampled_from(BETWEEN_STATEMENTS)), max_size=3),
    )
    def order_what_says_something(self, what: str, says: list[tuple[str, str]]) -> None:
        """Order the same so often, while nothing else goes wrong; each task says something, and is fetched once."""
        self.world.calm()
        request = self._request(what, "ours", 1)
        for words, pause in says:
            task, download = SAYS[words]
            self._script(request["kind"], task)
            if ordered := self._started(request):
                self._script("download", download)
                self.judge.perform("fetch-file", ordered)
            self.world.clock.advance(seconds=JUMPS[pause].total_seconds())
        self.world.calm()

    @rule(call=consumes(failures), mishap=mishaps)
    def record_failure(self, call: Call, mishap: Mishap) -> None:
        self.daily.record(call, mishap)

    @rule(target=runs, kind=kinds, days_ago=st.one_of(st.none(), st.integers(1, 31)), mishap=mishaps)
    def plan_archive(self, kind: str, days_ago: int | None, mishap: Mishap) -> Any:
        """Every day, or that one by name."""
        day = days_ago and (self.world.clock().date() - days_ago * A_DAY).isoformat()
        named = {"first_day": day, "last_day": day} if day else {}
        return self.daily.plan({"kinds": [kind], **named}, mishap) or multiple()

    @rule(plan=runs, at_most=st.integers(1, 4), mishap=mishaps)
    def run_archive_workflow(self, plan: Planned, at_most: int, mishap: Mishap) -> None:
        """As far as it gets, and the report, whatever has happened since it was planned."""
        self.workflow.run(plan, at_most, mishap)

    @rule(plan=runs, mishap=mishaps)
    def report_archive(self, plan: Planned, mishap: Mishap) -> None:
        self.daily.report(plan, mishap)

    @rule(mishap=mishaps)
    def show_coverage(self, mishap: Mishap) -> None:
        self.daily.cover(mishap)

    # What an operator does

    @rule(
        nth=st.integers(0, 5),
        kind=kinds,
        days_ago=st.one_of(*[st.none()] * 5, st.sampled_from(DAYS_AGO)),
        even_if_lost=st.booleans(),
        then=st.sampled_from(AFTERWARDS),
        mishap=st.sampled_from([*[None] * 10, *DEATHS, *STORAGE_FAILURES[::12]]),
    )
    def revoke(
        self,
        nth: int,
        kind: str,
        days_ago: int | None,
        even_if_lost: bool,  # noqa: FBT001 - read by name in a script
        then: str,
        mishap: Mishap,
    ) -> None:
        """Take a day back, mostly one that is archived; one that ended in the middle is asked for once more."""
        archived = self.judge.reference.whole_days()
        day = self.world.clock().date() - (days_ago or 1) * A_DAY
        is_any = days_ago is not None or not archived
        thing = whole_day(kind, DEMO_PROJECT_ID, day) if is_any else archived[nth % len(archived)]
        self.operator.revoke(thing, mishap, even_if_lost=even_if_lost)
        if then.startswith("an export"):
            self._script(thing.kind, (NO_DATA,) if then == "an export without data" else ())
            self.workflow.export(thing.request)
        elif then == "a late fetch":
            self.operator.fetch_late(thing)

    # What happens to the vendor, and to time

    @rule(to=st.sampled_from([*JUMPS, *HOURS]))
    def wait(self, to: str) -> None:
        """So long, or until shortly before or after an hour at which a day ends or has settled."""
        now = self.world.clock()
        then = now + JUMPS[to] if to in JUMPS else datetime.combine(now.date() + A_DAY, HOURS[to], UTC)
        self.world.clock.advance(seconds=(then - now).total_seconds())

    @rule(fault=st.sampled_from(FAULTS))
    def vendor_will(self, fault: Ahead) -> None:
        self.world.script(fault.operation, fault.meets)

    @rule(is_up=st.booleans())
    def switch_vendor(self, is_up: bool) -> None:  # noqa: FBT001 - read by name in a script
        if is_up:
            self.world.rise()
        else:
            self.world.fall()

    # What holds after all

    def check_invariants(self, *args: Any) -> None:
        """After every step; all that must hold has been checked after every call."""
        super().check_invariants(*args)
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
        self.world.clock.advance(seconds=(LEFT_ALONE + LONGEST_CALL).total_seconds())
        began = self.world.clock()
        for day in range(DAYS_OF_QUIET if self.judge.reference.since else 0):
            self.world.clock.advance(days=1 if day else 0)
            self._run_daily()
        for kind, planned_at in self._planned_at.items():
            self.daily.has_saved_what_could_be_saved(kind, began, planned_at)
        self.daily.cover()
        self.operator.verify()

    def _run_daily(self) -> None:
        for kind in list(self.judge.reference.since):
            self._planned_at[kind] = self.world.clock()
            plan = self.daily.plan({"kinds": [kind]})
            assert plan
            self.workflow.run(plan)

    def _request(self, what: str, project: str, days_ago: int) -> dict[str, Any]:
        wanted = dict(REQUESTS[what])
        day = self.world.clock().date() - days_ago * A_DAY
        bounds = {"start_time": wanted.pop("from", None), "end_time": wanted.pop("to", None)}
        given = {name: to_wire(datetime.combine(day, at, UTC)) for name, at in bounds.items() if at}
        if not given and KINDS[wanted["kind"]].reach:
            given = {"day": day.isoformat()}
        return {**wanted, **given, "project_id": PROJECTS[project]}

    def _ordered(self, request: dict[str, Any], mishap: Mishap, times: int = 1) -> MultipleResults[Any]:
        """Only the first of them suffers the mishap."""
        answers = [self._started(request, None if turn else mishap) for turn in range(times)]
        return multiple(*filter(None, answers))

    def _started(self, request: dict[str, Any], mishap: Mishap = None) -> dict[str, Any] | None:
        return self.judge.perform("start-export", request, mishap).answer

    def _script(self, operation: str, faults: Meets) -> None:
        for fault in faults:
            self.world.script(operation, fault)

    def _wait(self, pause: str) -> None:
        self.world.clock.advance(seconds=PAUSES[pause].total_seconds())

    @staticmethod
    def _failed(call: Call) -> Call | MultipleResults[Any]:
        return call if call.error else multiple()
