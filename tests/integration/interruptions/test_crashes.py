"""Killed after any side effect and played again: the same single manifest and data object, and no second task."""

import hashlib
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.record_failure import app as record_failure
from functions.report_archive import app as report_archive
from functions.show_coverage import app as show_coverage
from local.standin.server import VendorStandIn
from tests.support.builders import frozen_records
from tests.support.builders.requests import RANGE, RECORDS
from tests.support.checks.landed import landed
from tests.support.checks.leaks import CANARIED
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import lambda_context
from tests.support.processes.dying_function import play
from tests.support.processes.preloaded import READY
from workspace_exports.storage.store import Store

REPORT_BYTES = 200_000
USERS: dict[str, Any] = {"kind": "users"}
START_EFFECTS = 6
"""The order is noted twice, sent once, and its answer noted three times."""
FEWEST_FETCH_EFFECTS = 5
"""The download is answered, its pieces stream, the data object is written, the manifest created."""
S3_IS_LONG = pytest.mark.parametrize(
    "archive_url", ["folder", pytest.param("s3", marks=pytest.mark.long)], indirect=True
)
VOLATILE = {"at", "reported_at", "run", "plan", "correlation_id", "text", "cause"}


@pytest.fixture
def vendor() -> Any:
    with VendorStandIn(contents=CANARIED, task_seconds=0, report_padding_bytes=REPORT_BYTES) as vendor:
        yield vendor


def dies(function: str, event: dict[str, Any], after: int) -> bool:
    """Whether the function was killed after that many side effects, rather than ending before."""
    process = READY.Process(target=play, args=(function, event, after, dict(os.environ)))
    process.start()
    process.join()
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0


def deaths(function: str, event: dict[str, Any]) -> Iterator[int]:
    """Kills it after its first side effect, its second, and so on, until it lives."""
    effects = 1
    while dies(function, event, effects):
        yield effects
        effects += 1


def require_coherent(store: Store) -> None:
    """Nothing half-written can be read: every record is whole, and what a manifest names is there."""
    for key in landed(store):
        content = store.read(key) or b""
        if key.startswith("manifests/"):
            manifest = json.loads(content)
            assert not manifest["key"] or digest(store, manifest["key"]) == manifest["sha256"]
        elif key.endswith(".json"):
            document = json.loads(content)
            contract = frozen_records.contract_of(key)
            for record in document if isinstance(document, list) else [document]:
                contract.read(json.dumps(record).encode())
        elif key.endswith(".html"):
            assert content.rstrip().endswith(b"</html>")


def digest(store: Store, key: str) -> str:
    return hashlib.sha256(b"".join(store.chunks(key))).hexdigest()


def the_only_export(store: Store, report: bytes, archived: dict[str, Any]) -> None:
    """There is one manifest and one data object, and it is what the vendor holds or held."""
    assert sorted(landed(store)) == sorted([archived["key"], archived["manifest_key"]])
    manifest = json.loads(store.read(archived["manifest_key"]) or b"")
    assert manifest["key"] == archived["key"]
    assert b"".join(store.chunks(archived["key"])) == report


@pytest.mark.parametrize("request_", [RECORDS, pytest.param(USERS, marks=pytest.mark.long)], ids=["window", "snapshot"])
@pytest.mark.parametrize("effects", range(1, START_EFFECTS + 2))
def test_start_export(
    effects: int,
    request_: dict[str, Any],
    start: Call,
    poll: Call,
    fetch: Call,
    store: Store,
    vendor: VendorStandIn,
) -> None:
    assert dies("start_export", request_, effects) == (effects <= START_EFFECTS)
    assert next(store.keys("orders/by-time/"), None), "what others must know of comes first"
    replayed = start(**request_)
    assert start(**request_)["task_id"] == replayed["task_id"]
    assert [task.task_id for task in vendor.tasks] == [replayed["task_id"]]
    the_only_export(store, vendor.report(replayed["task_id"]), fetch(**poll(**replayed))["archived"])


@pytest.mark.parametrize("request_", [RECORDS, pytest.param(USERS, marks=pytest.mark.long)], ids=["window", "snapshot"])
def test_start_export_that_takes_over(
    request_: dict[str, Any], start: Call, store: Store, vendor: VendorStandIn
) -> None:
    ordered = start(**request_)
    killed = list(deaths("start_export", request_))
    assert len(killed) >= 2, "it looks at the task, and notes that it has taken it over"
    require_coherent(store)
    assert start(**request_)["task_id"] == ordered["task_id"]
    assert len(vendor.tasks) == 1


@pytest.mark.parametrize("request_", [RECORDS, pytest.param(USERS, marks=pytest.mark.long)], ids=["window", "snapshot"])
def test_poll_status(request_: dict[str, Any], start: Call, poll: Call, store: Store) -> None:
    ordered = start(**request_)
    looked, before = poll(**ordered), sorted(store.keys(""))
    assert list(deaths("poll_status", ordered)) == [1]
    assert poll(**ordered) == looked
    assert sorted(store.keys("")) == before


@pytest.mark.parametrize("request_", [RECORDS, pytest.param(USERS, marks=pytest.mark.long)], ids=["window", "snapshot"])
def test_fetch_file(
    request_: dict[str, Any], start: Call, poll: Call, fetch: Call, store: Store, vendor: VendorStandIn
) -> None:
    looked = poll(**start(**request_))
    killed = []
    for effects in deaths("fetch_file", looked):
        require_coherent(store)
        archived = fetch(**looked)["archived"]
        the_only_export(store, vendor.report(looked["task_id"]), archived)
        assert fetch(**looked)["archived"] == archived | {"outcome": "already-landed"}
        for key in landed(store):
            store.delete(key)
        killed.append(effects)
    the_only_export(store, vendor.report(looked["task_id"]), fetch(**looked)["archived"])
    assert len(killed) >= FEWEST_FETCH_EFFECTS


@pytest.mark.check
class TestOfOnePiece:
    @pytest.fixture
    def vendor(self) -> Any:
        """Its files come in as many pieces every time: in one."""
        with VendorStandIn(contents=CANARIED, task_seconds=0) as vendor:
            yield vendor

    @S3_IS_LONG
    def test_fetch_file_lands_it_before_it_deletes_the_file_at_the_vendor(
        self, start: Call, poll: Call, fetch: Call, store: Store, vendor: VendorStandIn, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setenv("DELETE_AFTER_LANDING", "true")
        is_deleted, effects = [], 0
        while True:
            effects += 1
            looked = poll(**start(**RECORDS, filters={"user_name": f"round-{effects}"}))
            report = vendor.report(looked["task_id"])
            if not dies("fetch_file", looked, effects):
                break
            is_deleted.append(looked["task_id"] not in {task.task_id for task in vendor.tasks})
            archived = fetch(**looked)["archived"]
            the_only_export(store, report, archived)
            for key in landed(store):
                store.delete(key)
        assert len(is_deleted) >= FEWEST_FETCH_EFFECTS
        assert is_deleted == [False] * (len(is_deleted) - 1) + [True], "it is deleted last of all"


def lasting(document: Any) -> Any:
    """Without what says when it was made, and for which run."""
    if isinstance(document, list):
        return [lasting(item) for item in document]
    if not isinstance(document, dict):
        return document
    return {name: lasting(value) for name, value in document.items() if name not in VOLATILE}


@pytest.mark.check
@S3_IS_LONG
@pytest.mark.parametrize(
    "request_",
    [RANGE, pytest.param({"kinds": ["connection-records"]}, marks=pytest.mark.nightly)],
    ids=["range", "all-that-is-missing"],
)
def test_plan_archive(request_: dict[str, Any], plan: Call, store: Store) -> None:
    plans: list[Any] = []
    for _ in deaths("plan_archive", request_):
        require_coherent(store)
        plans.append(json.loads(store.read(f"runs/{plan(**request_)['run']}/plan.json") or b""))
    assert len(plans) >= 8, "each line is a piece"
    assert all(lasting(one) == lasting(plans[0]) for one in plans)
    since = [store.read(key) for key in store.keys("since/")]
    assert len(since) == 1


@dataclass
class Told:
    """A handler that says what it finds and keeps it, on what a run has left behind.

    Attributes:
        effects: how many side effects it has at least.
        keeps: where.
    """

    function: str
    handler: Callable[..., dict[str, Any]]
    effects: int
    keeps: list[str]
    event: dict[str, Any] = field(default_factory=dict)


TOLD = [
    Told(
        "record_failure",
        record_failure.handler,
        1,
        ["failures/"],
        {"request": RECORDS, "state": {"failure": {"Error": "TaskFailed", "Cause": '{"errorMessage": "No."}'}}},
    ),
    Told("report_archive", report_archive.handler, 3, ["runs/", "coverage/", "coverage.html"]),
    Told("show_coverage", show_coverage.handler, 1, ["coverage/"]),
]


@pytest.mark.check
@S3_IS_LONG
@pytest.mark.parametrize("told", TOLD, ids=lambda told: told.function)
def test_what_is_told_and_kept(
    told: Told, plan: Call, start: Call, poll: Call, fetch: Call, store: Store, vendor: VendorStandIn
) -> None:
    fetch(**poll(**start(**RECORDS)))
    run = plan(**RANGE)
    plan(kinds=RANGE["kinds"])
    event = told.event or (run if told.function == "report_archive" else {})
    before, results = kept(store, told.keeps), []
    assert before == {} or told.function == "report_archive"
    for _ in deaths(told.function, event):
        require_coherent(store)
        assert not dies(told.function, event, 0), "it is played again to its end"
        results.append((kept(store, told.keeps), told.handler(event, lambda_context(600))))
        forget(store, told.keeps)
    assert len(results) >= told.effects
    assert all(lasting(result) == lasting(results[0][1]) for _, result in results)
    assert all(lasting(state) == lasting(results[0][0]) for state, _ in results)
    assert len(vendor.tasks) == 1


def kept(store: Store, places: list[str]) -> dict[str, Any]:
    """The records in these places, but for plans; of a page, that it is there."""
    keys = [key for key in landed(store) if key.startswith(tuple(places)) and not key.endswith("plan.json")]
    return {key: json.loads(store.read(key) or b"") if key.endswith(".json") else "page" for key in keys}


def forget(store: Store, places: list[str]) -> None:
    for key in kept(store, places):
        store.delete(key)
