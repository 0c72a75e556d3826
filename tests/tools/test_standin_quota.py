"""The stand-in's quota: so many calls of a project in any stretch of time."""

from datetime import UTC, datetime

import pytest

from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.clock import SettableClock
from local.standin.quota import Quota
from local.standin.server import VendorStandIn
from tests.support.servers.probe import Probe

OTHER = "0" * 32


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock(datetime(2026, 11, 22, 12, tzinfo=UTC))


def statuses(probe: Probe, number: int, project_id: str = DEMO_PROJECT_ID) -> list[int]:
    return [probe.call("list", places={"project_id": project_id}).status_code for _ in range(number)]


def test_a_call_beyond_the_quota_is_refused_until_the_first_one_is_out(clock: SettableClock) -> None:
    with (
        VendorStandIn(clock=clock, quota=Quota(calls=2, seconds=60)) as vendor,
        Probe(vendor.url, clock=clock) as probe,
    ):
        assert statuses(probe, 1) == [200]
        clock.advance(seconds=30)
        assert statuses(probe, 2) == [200, 429]
        clock.advance(seconds=30)
        # The refused call has cost nothing, the second one still counts.
        assert statuses(probe, 2) == [200, 429]


def test_each_project_has_a_quota_of_its_own_and_the_identity_service_none(clock: SettableClock) -> None:
    with (
        VendorStandIn(clock=clock, quota=Quota(calls=1, seconds=60), further_project_ids=[OTHER]) as vendor,
        Probe(vendor.url, clock=clock) as probe,
    ):
        assert statuses(probe, 2) == [200, 429]
        assert statuses(probe, 2, OTHER) == [200, 429]
        assert [probe.call("projects").status_code for _ in range(2)] == [200, 200]


def test_a_refusal_is_the_gateways_and_makes_no_task(clock: SettableClock) -> None:
    window = {"start_time": "2026-11-20T00:00:00Z", "end_time": "2026-11-20T23:59:59Z"}
    with (
        VendorStandIn(clock=clock, quota=Quota(calls=1, seconds=60)) as vendor,
        Probe(vendor.url, clock=clock) as probe,
    ):
        probe.create("connection-records", **window)
        refused = probe.call("connection-records", window)
        assert (refused.status_code, refused.json()["error_code"]) == (429, "APIGW.0308")
        assert "Retry-After" not in refused.headers
        assert len(vendor.tasks) == 1


def test_a_quota_may_tell_when_to_return(clock: SettableClock) -> None:
    with (
        VendorStandIn(clock=clock, quota=Quota(calls=1, seconds=60, tells_when=True)) as vendor,
        Probe(vendor.url, clock=clock) as probe,
    ):
        statuses(probe, 1)
        clock.advance(seconds=12.5)
        assert probe.call("list").headers["Retry-After"] == "48"


def test_a_class_of_calls_has_a_quota_of_its_own_that_its_operations_share(clock: SettableClock) -> None:
    window = {"start_time": "2026-11-20T00:00:00Z", "end_time": "2026-11-20T23:59:59Z"}
    with (
        VendorStandIn(clock=clock, class_quotas={"workspace_export": Quota(calls=2, seconds=60)}) as vendor,
        Probe(vendor.url, clock=clock) as probe,
    ):
        kinds = ("app-usage", "app-sessions", "app-user-logins", "app-usage")
        assert [probe.call(kind).status_code for kind in kinds] == [200, 200, 429, 429]
        assert [probe.call("app-user-access", window).status_code for _ in range(3)] == [200] * 3
        clock.advance(seconds=60)
        assert probe.call("app-user-logins").status_code == 200
