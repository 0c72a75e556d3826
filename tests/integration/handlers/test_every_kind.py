"""Every kind from the order to the archive, and nothing bad on the way to the vendor."""

import json
from datetime import timedelta
from typing import Any

import pytest

from local.standin.server import VendorStandIn
from tests.support.builders.filters import BAD_FILTERS, FULL_REQUESTS, NEEDED
from tests.support.builders.requests import order_of
from tests.support.fixtures.handlers import Call
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import Rejected
from workspace_exports.exports import EXPORTS
from workspace_exports.exports.deliveries import TASK_FILE
from workspace_exports.exports.windows import Bounds
from workspace_exports.storage.store import Store

DAY = (utc_now().date() - timedelta(days=2)).isoformat()

pytestmark = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)


@pytest.mark.parametrize("kind", [kind for kind, export in EXPORTS.items() if export.delivery is TASK_FILE])
@pytest.mark.parametrize("examples", [NEEDED, FULL_REQUESTS], ids=["plain", "full"])
def test_every_kind_is_ordered_made_and_archived(
    kind: str,
    examples: dict[str, dict[str, Any]],
    vendor: VendorStandIn,
    store: Store,
    start: Call,
    poll: Call,
    fetch: Call,
) -> None:
    ordered = start(**order_of(kind, examples.get(kind, {})))
    archived = fetch(**poll(**ordered))["archived"]

    assert archived["outcome"] == "landed"
    (task,) = vendor.tasks
    assert b"".join(store.chunks(archived["key"])) == vendor.report(task.task_id)
    assert task.report.kind == kind
    assert json.loads(store.read(archived["manifest_key"]) or b"")["filters"] == ordered["filters"]
    assert ordered["filters"] == EXPORTS[kind].resolved(examples.get(kind, {}))
    assert fetch(**poll(**ordered))["archived"] == archived | {"outcome": "already-landed"}


@pytest.mark.parametrize("kind", ["app-user-logins", "app-usage", "app-sessions"])
def test_a_kind_that_takes_neither_bound_stands_for_the_time_of_its_order(
    kind: str, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call
) -> None:
    done = fetch(**poll(**start(kind=kind)))
    (order,) = vendor.calls(kind)
    assert json.loads(order.body) == {}
    assert "/snapshot=" in done["archived"]["manifest_key"]
    assert start(kind=kind, day=DAY)["task_id"] != done["task_id"]


@pytest.mark.parametrize(("kind", "filters", "says"), BAD_FILTERS)
def test_a_bad_filter_never_reaches_the_vendor(
    kind: str, filters: dict[str, Any], says: str, vendor: VendorStandIn, start: Call
) -> None:
    with pytest.raises(Rejected) as caught:
        start(**order_of(kind, filters))
    assert says in str(caught.value)
    assert vendor.requests == ()


@pytest.mark.parametrize("kind", EXPORTS)
def test_a_window_a_kind_does_not_take_never_reaches_the_vendor(kind: str, vendor: VendorStandIn, start: Call) -> None:
    one_bound = {"start_time": f"{DAY}T00:00:00Z"}
    wrong = {
        Bounds.NONE: {"day": DAY},
        Bounds.AT_LEAST_ONE: {},
        Bounds.BOTH: one_bound,
        Bounds.BOTH_OR_NEITHER: one_bound,
    }[EXPORTS[kind].window.bounds]
    with pytest.raises(Rejected, match=r"give day|end_time is missing|start_time is not possible"):
        start(kind=kind, filters=NEEDED.get(kind, {}), **wrong)
    assert vendor.requests == ()
