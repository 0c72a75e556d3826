"""Killed after any side effect and played again: the same single manifest and data object, and no second task."""

import json
import os
import signal
from typing import Any

import pytest

from local.standin import VendorStandIn
from tests.crashing import play
from tests.forking import READY
from tests.integration.conftest import Call
from tests.integration.test_handlers import RECORDS, landed
from workspace_exports.archive.store import Store

REPORT_BYTES = 200_000
USERS: dict[str, Any] = {"kind": "users"}
START_EFFECTS = 6
"""The order is noted twice, sent once, and its answer noted three times."""
FEWEST_FETCH_EFFECTS = 5
"""The download is answered, its pieces stream, the data object is written, the manifest created."""


@pytest.fixture
def vendor() -> Any:
    with VendorStandIn(task_seconds=0, report_padding_bytes=REPORT_BYTES) as vendor:
        yield vendor


def dies(function: str, event: dict[str, Any], after: int) -> bool:
    """Whether the function was killed after that many side effects, rather than ending before."""
    process = READY.Process(target=play, args=(function, event, after, dict(os.environ)))
    process.start()
    process.join()
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode != 0


def the_only_export(store: Store, vendor: VendorStandIn, archived: dict[str, Any]) -> None:
    """There is one manifest and one data object, and it is what the vendor holds."""
    assert sorted(landed(store)) == sorted([archived["key"], archived["manifest_key"]])
    manifest = json.loads(store.read(archived["manifest_key"]) or b"")
    assert manifest["key"] == archived["key"]
    assert b"".join(store.chunks(archived["key"])) == vendor.report(manifest["task_id"])


@pytest.mark.parametrize("request_", [RECORDS, USERS], ids=["window", "snapshot"])
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
    the_only_export(store, vendor, fetch(**poll(**replayed))["archived"])


def test_fetch_file(start: Call, poll: Call, fetch: Call, store: Store, vendor: VendorStandIn) -> None:
    looked = poll(**start(**RECORDS))
    effects = 1
    while dies("fetch_file", looked, effects):
        archived = fetch(**looked)["archived"]
        the_only_export(store, vendor, archived)
        assert fetch(**looked)["archived"] == archived | {"outcome": "already-landed"}
        for key in landed(store):
            store.delete(key)
        effects += 1
    the_only_export(store, vendor, fetch(**looked)["archived"])
    assert effects > FEWEST_FETCH_EFFECTS
