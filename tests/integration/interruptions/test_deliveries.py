"""Every event twice, late, and out of order: it ends as docs/workflows.md says, and nothing is lost or doubled."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from functions.fetch_file import app as fetch_file
from functions.plan_archive import app as plan_archive
from functions.poll_status import app as poll_status
from functions.record_failure import app as record_failure
from functions.report_archive import app as report_archive
from functions.show_coverage import app as show_coverage
from functions.start_export import app as start_export
from local.standin.clock import SettableClock
from local.standin.faults.fates import expires, never_finishes, vanishes
from local.standin.server import VendorStandIn
from tests.support.checks.leaks import CANARIED
from tests.support.lambda_context import CONTEXT
from tests.support.processes.warm_functions import ROOT
from workspace_exports.archive.layout import last_order_key, order_key
from workspace_exports.archive.order_log import find_order
from workspace_exports.core.errors import ExportError
from workspace_exports.storage.store import Store

PAGE = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
NOW = datetime(2028, 3, 10, 4, 30, tzinfo=UTC)
DAY = {"kind": "connection-records", "day": "2028-03-08"}
RANGE = {"kinds": [DAY["kind"]], "first_day": DAY["day"], "last_day": DAY["day"]}
FAILED = {"request": DAY, "state": {"failure": {"Error": "TaskFailed", "Cause": '{"errorMessage": "No."}'}}}


@dataclass
class World:
    """All handlers, and what they work with."""

    store: Store
    vendor: VendorStandIn
    clock: SettableClock
    environment: pytest.MonkeyPatch

    def start(self, **event: Any) -> dict[str, Any]:
        return start_export.handler(event or DAY, CONTEXT)

    def poll(self, event: dict[str, Any]) -> dict[str, Any]:
        return poll_status.handler(event, CONTEXT)

    def fetch(self, event: dict[str, Any]) -> str:
        """The outcome."""
        return str(fetch_file.handler(event, CONTEXT)["archived"]["outcome"])

    def plan(self, **event: Any) -> dict[str, Any]:
        return plan_archive.handler(event or RANGE, CONTEXT)

    def planned(self, run: dict[str, Any]) -> list[Any]:
        """The names of the executions, and what they export."""
        items = json.loads(self.store.read(f"runs/{run['run']}/plan.json") or b"")
        return [(item["name"], item["export"]["day"]) for item in items]

    def record(self) -> dict[str, Any]:
        return record_failure.handler(FAILED, CONTEXT)

    def report(self, run: dict[str, Any]) -> dict[str, Any]:
        """The announcement."""
        return report_archive.handler(run, CONTEXT)

    def show(self) -> dict[str, Any]:
        return show_coverage.handler({"kind": DAY["kind"]}, CONTEXT)

    def land(self) -> dict[str, Any]:
        """The whole chain; the event that fetch-file had."""
        looked = self.poll(self.start())
        assert self.fetch(looked) == "landed"
        return looked

    def later(self, days: float) -> None:
        self.clock.advance(days=days)

    def forget_answer(self, ordered: dict[str, Any]) -> None:
        """Leaves the book as a start leaves it that has not noted its task."""
        order = find_order(self.store, ordered["task_id"])
        assert order
        self.forget_orders()
        unanswered = order.model_copy(update={"task_id": None})
        content = unanswered.model_dump_json(exclude_none=True).encode()
        for key in (order_key(order), last_order_key(order)):
            self.store.replace(key, content)

    def forget_orders(self) -> None:
        """As the archive does after a while."""
        for key in list(self.store.keys("orders/")):
            self.store.delete(key)


@dataclass(frozen=True)
class Delivery:
    """One event that comes as it should not.

    Attributes:
        outcome: what is returned or raised, in words of the documentation.
        tasks: how many the vendor has made in the end.
    """

    handler: str
    when: str
    outcome: str
    play: Callable[[World], object]
    tasks: int = 1


def same(one: object, other: object) -> str:
    return "the same" if one == other else f"{one} and {other}"


def start_again(w: World) -> str:
    return "the same task" if w.start()["task_id"] == w.vendor.tasks[0].task_id else "another task"


def after(step: Callable[[World], Any], then: Callable[[World, Any], object]) -> Callable[[World], object]:
    """First that, then the delivery that is looked at."""
    return lambda w: then(w, step(w))


def ordered(w: World) -> dict[str, Any]:
    return w.start()


def landed(w: World) -> dict[str, Any]:
    return w.land()


def landed_and_unnoted(w: World) -> None:
    w.land()
    w.forget_orders()


def landed_and_deleted(w: World) -> dict[str, Any]:
    w.environment.setenv("DELETE_AFTER_LANDING", "true")
    return w.land()


def ordered_what_expires(w: World) -> dict[str, Any]:
    w.vendor.script("connection-records", expires(3600))
    looked = w.poll(w.start())
    w.later(1)
    return looked


def ordered_what_is_not_done(w: World) -> dict[str, Any]:
    w.vendor.script("connection-records", never_finishes())
    return w.start()


def overtaken(w: World) -> dict[str, Any]:
    """Its task has failed to come; another one brought the window."""
    looked = ordered_what_expires(w)
    w.land()
    return looked


def unanswered(w: World) -> dict[str, Any]:
    event = w.start()
    w.forget_answer(event)
    return event


def forgotten(w: World) -> dict[str, Any]:
    w.vendor.script("connection-records", vanishes())
    event: dict[str, Any] = waits(2)(w)
    return event


def waits(days: float, step: Callable[[World], Any] = ordered) -> Callable[[World], Any]:
    def run(w: World) -> Any:
        event = step(w)
        w.later(days)
        return event

    return run


def failed_then_landed(w: World) -> dict[str, Any]:
    run = w.plan()
    w.land()
    w.record()
    return run


def status(w: World, run: dict[str, Any]) -> str:
    return str(w.report(run)["status"])


def status_of_day(w: World) -> str:
    return str(next(day["status"] for one in w.show()["series"] for day in one["days"] if day["day"] == DAY["day"]))


DELIVERIES = [
    Delivery("start-export", "twice", "the same task", after(ordered, lambda w, _: start_again(w))),
    Delivery("start-export", "after the day has landed", "the same task", after(landed, lambda w, _: start_again(w))),
    Delivery(
        "start-export",
        "after the day has landed and fallen off the vendor's cliff",
        "the same task",
        after(waits(40, landed), lambda w, _: start_again(w)),
    ),
    Delivery(
        "start-export",
        "after the day has landed, its order no longer noted",
        "the same task",
        after(landed_and_unnoted, lambda w, _: start_again(w)),
    ),
    Delivery(
        "start-export",
        "after the day has fallen off the vendor's cliff",
        "Rejected",
        after(waits(40, lambda _: None), lambda w, _: w.start()),
        tasks=0,
    ),
    Delivery(
        "start-export",
        "after its file has expired",
        "another task",
        after(ordered_what_expires, lambda w, _: start_again(w)),
        tasks=2,
    ),
    Delivery(
        "start-export",
        "while the first start has not noted its task",
        "the same task",
        after(unanswered, lambda w, _: start_again(w)),
    ),
    Delivery("poll-status", "twice", "the same", after(ordered, lambda w, event: same(w.poll(event), w.poll(event)))),
    Delivery(
        "poll-status",
        "while the start has not noted its task",
        "SUCCESS",
        after(unanswered, lambda w, event: w.poll(event)["status"]),
    ),
    Delivery(
        "poll-status",
        "after the file has landed and the vendor's copy is deleted",
        "SUCCESS",
        after(landed_and_deleted, lambda w, event: w.poll(event)["status"]),
        tasks=0,
    ),
    Delivery(
        "poll-status",
        "after the file has expired",
        "EXPIRED",
        after(ordered_what_expires, lambda w, event: w.poll(event)["status"]),
    ),
    Delivery(
        "poll-status",
        "days later, when the vendor has forgotten the task",
        "TaskLost",
        after(forgotten, lambda w, event: w.poll(event)),
    ),
    Delivery("fetch-file", "before the look", "landed", after(ordered, lambda w, event: w.fetch(event))),
    Delivery("fetch-file", "twice", "already-landed", after(landed, lambda w, event: w.fetch(event))),
    Delivery(
        "fetch-file",
        "while the vendor is making the file",
        "Rejected",
        after(ordered_what_is_not_done, lambda w, event: w.fetch(event)),
    ),
    Delivery(
        "fetch-file",
        "while the start has not noted its task",
        "landed",
        after(unanswered, lambda w, event: w.fetch(event)),
    ),
    Delivery(
        "fetch-file",
        "after the file has landed and the vendor's copy is deleted",
        "already-landed",
        after(landed_and_deleted, lambda w, event: w.fetch(event)),
        tasks=0,
    ),
    Delivery(
        "fetch-file",
        "after the file has expired",
        "FileExpired",
        after(ordered_what_expires, lambda w, event: w.fetch(event)),
    ),
    Delivery(
        "fetch-file",
        "after another task has brought the day",
        "already-landed",
        after(overtaken, lambda w, event: w.fetch(event)),
        tasks=2,
    ),
    Delivery(
        "fetch-file",
        "after the day has fallen off the vendor's cliff",
        "landed",
        after(waits(40), lambda w, event: w.fetch(event)),
    ),
    Delivery(
        "plan-archive",
        "twice",
        "the same executions",
        lambda w: same(w.planned(w.plan()), w.planned(w.plan())) + " executions",
        tasks=0,
    ),
    Delivery(
        "plan-archive",
        "after the day has landed",
        "nothing planned",
        after(landed, lambda w, _: "nothing planned" if w.plan()["planned"] == 0 else "planned"),
    ),
    Delivery(
        "plan-archive",
        "after the day has fallen off the vendor's cliff",
        "Rejected",
        after(waits(40, lambda _: None), lambda w, _: w.plan()),
        tasks=0,
    ),
    Delivery(
        "record-failure",
        "twice",
        "the same",
        lambda w: same(w.record(), w.record()),
        tasks=0,
    ),
    Delivery(
        "record-failure",
        "after a later success",
        "complete",
        after(failed_then_landed, status),
    ),
    Delivery(
        "report-archive",
        "twice",
        "the same",
        after(failed_then_landed, lambda w, run: same(w.report(run), w.report(run))),
    ),
    Delivery(
        "report-archive",
        "before the exports end",
        "under-way",
        after(lambda w: (w.plan(), ordered_what_is_not_done(w))[0], status),
    ),
    Delivery(
        "report-archive",
        "days later",
        "complete",
        after(waits(40, failed_then_landed), status),
    ),
    Delivery(
        "report-archive",
        "before the plan is written",
        "ArchiveUnavailable",
        lambda w: w.report({"run": "2028-03-10T043000Z-00000000"}),
        tasks=0,
    ),
    Delivery(
        "show-coverage",
        "after a failure that came late",
        "archived",
        after(failed_then_landed, lambda w, _: status_of_day(w)),
    ),
]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SettableClock:
    """The vendor's, and the product's at the one place where it asks for the time."""
    clock = SettableClock(NOW)
    asked = SimpleNamespace(now=lambda _: clock(), strptime=datetime.strptime)
    monkeypatch.setattr("workspace_exports.core.clock.datetime", asked)
    return clock


@pytest.fixture
def vendor(clock: SettableClock) -> Iterator[VendorStandIn]:
    with VendorStandIn(contents=CANARIED, task_seconds=0, clock=clock) as vendor:
        yield vendor


@pytest.fixture
def archive_url(tmp_path: Path) -> str:
    return f"memory:///{tmp_path.name}"


def require_nothing_lost_or_doubled(w: World, tasks: int) -> None:
    """Each data object has the one manifest that names it, and the vendor did no more than it had to."""
    named = [json.loads(w.store.read(key) or b"")["key"] for key in w.store.keys("manifests/")]
    assert sorted(named) == sorted(w.store.keys("data/"))
    assert len(w.vendor.tasks) == tasks
    assert len(w.vendor.calls("download")) <= 1


@pytest.mark.parametrize("delivery", DELIVERIES, ids=lambda delivery: f"{delivery.handler}, {delivery.when}")
def test_it_ends_as_documented(
    delivery: Delivery, store: Store, vendor: VendorStandIn, clock: SettableClock, environment: pytest.MonkeyPatch
) -> None:
    world = World(store, vendor, clock, environment)
    try:
        outcome = delivery.play(world)
    except ExportError as error:
        outcome = type(error).__name__
    assert outcome == delivery.outcome
    assert f"| {delivery.handler} | {delivery.when} | {delivery.outcome} |" in PAGE
    require_nothing_lost_or_doubled(world, delivery.tasks)
    assert len(list(store.keys("manifests/"))) <= 1


def test_every_handler_is_there() -> None:
    functions = {path.parent.name.replace("_", "-") for path in (ROOT / "functions").glob("*/app.py")}
    assert {delivery.handler for delivery in DELIVERIES} == functions


def test_the_documentation_names_no_other() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith(tuple(f"| {d.handler} | " for d in DELIVERIES))]
    assert len(rows) == len(DELIVERIES)
