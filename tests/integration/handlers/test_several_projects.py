"""Several projects in one archive: each planned, ordered and fetched as its target says."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.server import VendorStandIn
from tests.support.fixtures.handlers import Call
from tests.support.servers.faulty_storage.server import MisbehavingStorage
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import Misconfigured, VendorUnavailable
from workspace_exports.exports import EXPORTS
from workspace_exports.storage.store import Store, open_store

DAY = (utc_now().date() - timedelta(days=2)).isoformat()
ELSEWHERE = "http://127.0.0.1:9"
"""Nobody listens there."""

WITH_DAYS = sum(export.window.has_days for export in EXPORTS.values())


@pytest.fixture
def lists(environment: pytest.MonkeyPatch, store: Store) -> Callable[..., None]:
    """Sets the list of targets, and the function to read it."""

    def lists(*targets: dict[str, Any]) -> None:
        environment.setenv("ARCHIVE_TARGETS", "true")
        store.replace("targets.json", json.dumps({"targets": targets}).encode())

    return lists


def test_a_target_is_archived_at_its_endpoint_with_its_kinds_and_filters(
    lists: Callable[..., None],
    environment: pytest.MonkeyPatch,
    vendor: VendorStandIn,
    planned: Callable[..., list[dict[str, Any]]],
    start: Call,
    poll: Call,
    fetch: Call,
) -> None:
    environment.setenv("WORKSPACE_ENDPOINT", ELSEWHERE)
    environment.setenv("IAM_ENDPOINT", vendor.url)
    filters = {"connection-records": {"language": "zh_CN"}}
    here = {"project_id": DEMO_PROJECT_ID, "endpoint": vendor.url, "kinds": ["connection-records"], "filters": filters}
    lists({"project_id": "elsewhere"}, here)

    (missing,) = planned(project_id=DEMO_PROJECT_ID, first_day=DAY, last_day=DAY)
    assert missing["export"]["filters"] == {"language": "zh_CN"}
    archived = fetch(**poll(**start(**missing["export"])))["archived"]
    assert ".filters-" in archived["manifest_key"]
    assert planned(project_id=DEMO_PROJECT_ID, first_day=DAY, last_day=DAY) == []
    assert len(vendor.tasks) == 1
    with pytest.raises(VendorUnavailable):
        start(kind="connection-records", project_id="elsewhere", day=DAY)


def test_a_wrong_list_stops_everything_before_anything_happens(
    lists: Callable[..., None], vendor: VendorStandIn, store: Store, plan: Call, start: Call
) -> None:
    lists({"project_id": DEMO_PROJECT_ID, "endpoint": "https://example.com"})
    with pytest.raises(Misconfigured, match=r"targets\[0\]\.endpoint must be https"):
        plan()
    with pytest.raises(Misconfigured, match=r"targets\[0\]\.endpoint must be https"):
        start(kind="connection-records", project_id=DEMO_PROJECT_ID, day=DAY)
    assert vendor.requests == ()
    assert list(store.keys("")) == ["targets.json"]


@pytest.mark.check
@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_a_plan_lists_each_kind_of_each_project_once_and_only_its_last_days(
    lists: Callable[..., None],
    archive_url: str,
    s3: MisbehavingStorage,
    plan: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workspace_exports.storage.s3.IN_ORDER", ("127.0.0.1",))
    open_store.cache_clear()
    projects = [f"p{number}" for number in range(20)]
    lists(*({"project_id": one} for one in projects))
    plan()
    queries = [parse_qs(urlsplit(request.path).query) for request in s3.calls("list")]
    listed = Counter(query["prefix"][0] for query in queries)
    assert set(listed.values()) == {1}
    assert len([prefix for prefix in listed if "/manifests/" in prefix]) == WITH_DAYS * len(projects)
    assert len(listed) == WITH_DAYS * len(projects) + 1
    assert all("start-after" in query for query in queries if "/manifests/" in query["prefix"][0])


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_since_when_each_is_archived_is_written_once(
    lists: Callable[..., None], archive_url: str, s3: MisbehavingStorage, plan: Call
) -> None:
    open_store.cache_clear()
    lists({"project_id": "p1"}, {"project_id": "p2"})
    of_both = 2 * sum(export.window.has_days for export in EXPORTS.values())
    for written in (of_both, 0):
        s3.forget()
        plan()
        assert len([request for request in s3.calls("create") if "/since/" in request.path]) == written
