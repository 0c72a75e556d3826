"""Two versions at one archive: what the older left behind, and both at work at once."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle
from pathlib import Path

import pytest

from functions.record_failure import app as record_failure
from functions.report_archive import app as report_archive
from functions.show_coverage import app as show_coverage
from local.standin.faults.fates import fails
from local.standin.server import VendorStandIn
from tests.support.builders import frozen_records
from tests.support.builders.requests import RECORDS
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import CONTEXT
from tests.support.processes.warm_functions import ROOT, Deployed
from workspace_exports.archive.layout import last_order_key, order_key, task_key
from workspace_exports.orders import OrderRecord
from workspace_exports.storage.store import Store

FIELD = 'added_later: str | None = "by the next version"'
UNGIVEN = "taken_later: str | None = None"
"""One that no event has yet: the version before would refuse it."""
NEXT = {
    "archive/manifests.py": ["    start_time: UtcTime | None = None\n", "    outcome: Literal["],
    "orders.py": ["    nonce: str\n"],
    "archive/failures.py": ["    error: str\n"],
    "coverage/plans.py": ["    name: ExecutionName\n"],
    "coverage/reports.py": ["    day: Day\n", "    reported_at: UtcTime\n"],
    "events.py": ["    correlation_id: CorrelationId | None = None\n"],
    "coverage/baseline.py": ["    first_day: Day\n"],
}
"""Before which lines of the product the next version has one more field: in all that is kept, and in every event."""
KEPT = ["failures/", "manifests/", "orders/", "runs/", "since/"]


@pytest.fixture
def next_version(tmp_path: Path) -> str:
    """A copy of the product, changed, as another version's artifact."""
    code = tmp_path / "next"
    shutil.copytree(ROOT / "functions", code / "functions")
    shutil.copytree(ROOT / "shared" / "workspace_exports", code / "workspace_exports")
    for name, lines in NEXT.items():
        file = code / "workspace_exports" / name
        text = file.read_text(encoding="utf-8")
        for line in lines:
            assert text.count(line) == 1, f"{name} has changed: {line}"
            text = text.replace(line, f"    {UNGIVEN if 'events' in name else FIELD}\n{line}")
        file.write_text(text, encoding="utf-8")
    return str(code)


@pytest.fixture
def versions(environment: pytest.MonkeyPatch, next_version: str) -> Iterator[list[Deployed]]:
    """This one and the next, at the same archive and the same vendor."""
    with ExitStack() as stack:
        yield [stack.enter_context(Deployed()), stack.enter_context(Deployed(next_version))]


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(0, marks=pytest.mark.long, id="this-one-begins"),
        pytest.param(1, marks=pytest.mark.check, id="the-next-begins"),
    ],
)
def test_two_versions_at_once_land_everything_once_and_read_all_of_it(
    first: int, versions: list[Deployed], vendor: VendorStandIn, store: Store
) -> None:
    turns = cycle([versions[first], versions[1 - first]])
    run = next(turns).call("plan_archive", kinds=["connection-records"])
    plan = json.loads(store.read(f"runs/{run['run']}/plan.json") or b"")
    wanted = [item["export"] for item in plan[-3:]]
    vendor.script("connection-records", fails("disk full"))
    failed = next(turns).call("start_export", **plan[0]["export"])
    caught = {"Error": "TaskFailed", "Cause": json.dumps({"errorMessage": "The vendor ended the task with FAIL."})}
    next(turns).call("record_failure", request=plan[0]["export"], state={"export": failed, "failure": caught})

    results = []
    for export in wanted:
        ordered = next(turns).call("start_export", **export)
        adopted = next(turns).call("start_export", **export)
        assert adopted["task_id"] == ordered["task_id"]
        looked = next(turns).call("poll_status", **adopted)
        results.append(next(turns).call("fetch_file", **looked)["archived"])
        assert next(turns).call("fetch_file", **looked)["archived"] == results[-1] | {"outcome": "already-landed"}

    assert [result["outcome"] for result in results] == ["landed"] * len(wanted)
    assert len(vendor.tasks) == len(wanted) + 1
    for version in (next(turns), next(turns), next(turns)):
        told = version.call("report_archive", **run)["report"]
        assert (told["planned"], told["landed"]) == (run["planned"], len(wanted))
        assert "TaskFailed" in {day["error"] for day in told["failures"]}
        shown = version.call("show_coverage", kind="connection-records")
        assert shown["totals"]["archived"] == len(wanted)
        assert [version.call("start_export", **export)["task_id"] for export in wanted] == [
            task.task_id for task in vendor.tasks[1:]
        ]
    kept = {folder: b"".join(store.read(key) or b"" for key in store.keys(folder)) for folder in KEPT}
    by_next = {folder for folder, content in kept.items() if b"by the next version" in content}
    assert by_next >= ({*KEPT} if first else {"manifests/", "orders/"})


def test_who_takes_an_order_over_keeps_what_a_later_version_noted_of_it(start: Call, store: Store) -> None:
    ordered = start(**RECORDS)
    record = OrderRecord.read(store.read(task_key(ordered["task_id"])) or b"")
    later = json.dumps(json.loads(record.model_dump_json(exclude_none=True)) | {"added_later": 1}).encode()
    for key in (order_key(record), last_order_key(record), task_key(ordered["task_id"])):
        store.replace(key, later)
    assert start(**RECORDS)["adopted_at"]
    assert json.loads(store.read(task_key(ordered["task_id"])) or b"")["added_later"] == 1


def test_a_field_that_this_version_does_not_know_is_refused_and_costs_nothing(
    start: Call, poll: Call, fetch: Call, vendor: VendorStandIn
) -> None:
    ordered = start(**RECORDS)
    for call in (start, poll, fetch):
        with pytest.raises(Exception, match="added_later is not a field here"):
            call(**ordered, added_later=1)
    assert fetch(**poll(**start(**RECORDS)))["task_id"] == ordered["task_id"]
    assert len(vendor.tasks) == 1


class TestWhatVersion01LeftBehind:
    @pytest.fixture
    def archive_url(self, tmp_path: Path) -> str:
        shutil.copytree(frozen_records.ARCHIVE, tmp_path / "archive")
        return (tmp_path / "archive").as_uri()

    def test_an_execution_it_began_goes_on_between_any_two_states(
        self, start: Call, poll: Call, fetch: Call, vendor: VendorStandIn
    ) -> None:
        archived = frozen_records.event("archived")
        request = {name: archived[name] for name in ("kind", "day", "project_id", "correlation_id")}
        assert start(**request)["task_id"] == archived["task_id"]
        assert poll(**frozen_records.event("ordered"))["status"] == "SUCCESS"
        for state in ("ordered", "observed"):
            landed = fetch(**frozen_records.event(state))["archived"]
            named = ("key", "manifest_key", "sha256", "size_bytes")
            assert {name: landed[name] for name in named} == {name: archived["archived"][name] for name in named}
        assert vendor.tasks == ()

    @pytest.mark.usefixtures("environment")
    def test_a_failure_it_caught_is_recorded(self) -> None:
        told = record_failure.handler(frozen_records.event("failed-execution"), CONTEXT)
        before = frozen_records.event("failure")
        # Another version may give other advice.
        as_before = {
            "at": "",
            "advice": before["advice"],
            "cause": told["cause"].replace(told["advice"], before["advice"]),
        }
        assert told | as_before == before | {"at": ""}

    @pytest.mark.usefixtures("environment")
    def test_a_run_it_began_is_reported_on(self) -> None:
        told = report_archive.handler(frozen_records.event("run"), CONTEXT)
        before = frozen_records.event("announcement")
        counts = ("planned", "landed", "already_there", "empty")
        assert {name: told["report"][name] for name in counts} == {name: before["report"][name] for name in counts}
        assert set(before["report"]) <= set(told["report"])
        assert before["report"]["failures"][0] in told["report"]["failures"]

    @pytest.mark.usefixtures("environment")
    def test_its_archive_is_shown(self) -> None:
        shown = show_coverage.handler({"first_day": "2026-11-16", "last_day": "2026-11-22"}, CONTEXT)
        days = {
            (one["kind"], one.get("filters"), day["day"]): day["status"]
            for one in shown["series"]
            for day in one["days"]
            if day["status"] in {"archived", "empty"}
        }
        assert sorted(days.values()) == ["archived"] * 2 + ["empty"]
        assert shown["unread"] == 0
