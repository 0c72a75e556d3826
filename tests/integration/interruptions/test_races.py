"""Several functions at the same window at the same time: one winner, and all agree."""

import json
import os
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pytest

from local.standin.server import VendorStandIn
from tests.support.builders.requests import RECORDS
from tests.support.checks.landed import landed
from tests.support.fixtures.handlers import Call
from tests.support.processes.preloaded import READY
from tests.support.processes.racing_fetch import join, race
from workspace_exports.storage.store import Store

PROCESSES = 8


@pytest.mark.parametrize(
    "count", [2, pytest.param(5, marks=pytest.mark.check), pytest.param(50, marks=pytest.mark.nightly)]
)
def test_eight_processes_fetch_the_same_window_many_times_over(
    count: int, start: Call, poll: Call, store: Store, vendor: VendorStandIn
) -> None:
    rounds = [poll(**start(**RECORDS, filters={"user_name": f"round-{n}"})) for n in range(count)]
    line = READY.Barrier(PROCESSES)
    with ProcessPoolExecutor(PROCESSES, READY, join, (line, dict(os.environ))) as pool:
        runs = list(pool.map(race, [rounds] * PROCESSES))
    for looked, results in zip(rounds, zip(*runs, strict=True), strict=True):
        outcomes = Counter(result.pop("outcome") for result in results)
        assert outcomes["landed"] == 1
        assert outcomes["already-landed"] == PROCESSES - 1
        assert all(result == results[0] for result in results)
        manifest = json.loads(store.read(results[0]["manifest_key"]) or b"")
        assert (manifest["key"], manifest["task_id"]) == (results[0]["key"], looked["task_id"])
        assert b"".join(store.chunks(manifest["key"])) == vendor.report(looked["task_id"])
    assert len(landed(store)) == 2 * count
