"""How many requests a growing archive costs: counted on the wire, and by formula."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from functions.fetch_file import app as fetch_file
from functions.plan_archive import app as plan_archive
from functions.poll_status import app as poll_status
from functions.report_archive import app as report_archive
from functions.show_coverage import app as show_coverage
from functions.start_export import app as start_export
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.server import VendorStandIn
from tests.support.builders.examples import NOW
from tests.support.builders.filled_archives import Archive, planned_run
from tests.support.checks.leaks import CANARIED
from tests.support.checks.request_bounds import coverage_requests, plan_requests, report_requests, window_requests
from tests.support.lambda_context import lambda_context
from tests.support.servers.bucket import Bucket, Objects
from tests.support.servers.probe import Probe
from workspace_exports.client.connections import close_connections
from workspace_exports.coverage import show

CONTEXT = lambda_context(600)
pytestmark = pytest.mark.check

RECORDS = ("connection-records",)
Serve = Callable[[Objects], Bucket]


@pytest.fixture
def serve(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """From then on, those objects are the archive, and the time stands still."""
    monkeypatch.setattr(
        "workspace_exports.core.clock.datetime", SimpleNamespace(now=lambda _: NOW, strptime=datetime.strptime)
    )
    with ExitStack() as stack:

        def serve(objects: Objects) -> Bucket:
            bucket = stack.enter_context(Bucket(objects))
            url = f"s3://{tmp_path_factory.mktemp('archive').name}"
            settings = {"WORKSPACE_REGION": DEMO_REGION, "ARCHIVE_TARGETS": "true"}
            for name, value in (settings | bucket.environment | {"ARCHIVE_URL": url}).items():
                monkeypatch.setenv(name, value)
            return bucket

        yield serve


@pytest.mark.parametrize(
    "shape",
    [
        {"projects": 2, "planned": False},
        {"projects": 2, "days": 40},
        {"projects": 1, "days": 1500},
        {"projects": 1, "days": 400, "hours": True},
        {"projects": 251, "days": 2},
    ],
    ids=["first plan", "every day", "every day for years", "every hour for a year", "more beginnings than a page"],
)
def test_a_plan_lists_one_page_for_each_series_however_much_there_is_of_it(shape: dict[str, Any], serve: Serve) -> None:
    archive = Archive(**shape)
    bucket = serve(archive.objects())
    run = plan_archive.handler({}, CONTEXT)["run"]
    plan = bucket.objects.read(f"runs/{run}/plan.json")
    assert plan is not None
    assert bucket.requests.total() == plan_requests(archive, len(plan))


@pytest.mark.parametrize(
    "shape",
    [
        {"projects": 2, "days": 40, "indexed": True},
        {"projects": 1, "days": 400, "hours": True, "indexed": True},
        {"projects": 12, "days": 365, "indexed": True},
    ],
    ids=["every day", "every hour for a year", "more than one answer holds"],
)
def test_a_look_at_what_has_been_read_before_costs_the_listings_and_one_index_for_each_year(
    shape: dict[str, Any], serve: Serve
) -> None:
    archive = Archive(**shape)
    bucket = serve(archive.objects())
    coverage = show_coverage.handler({}, CONTEXT)
    assert bucket.requests.total() == coverage_requests(archive)
    assert (coverage["unread"], coverage["totals"]["lost"], coverage["totals"]["missing"]) == (0, 0, 0)
    assert coverage["totals"]["archived"] <= show.MOST_DAYS


@pytest.mark.parametrize("days", [40, 300])
def test_a_first_look_reads_no_more_manifests_than_fit_into_one_answer(days: int, serve: Serve) -> None:
    archive = Archive(1, days)
    bucket = serve(archive.objects())
    coverage = show_coverage.handler({}, CONTEXT)
    assert bucket.requests.total() <= coverage_requests(archive)
    assert coverage["unread"] == max(0, archive.manifests - show.MOST_MANIFESTS)


@pytest.mark.parametrize(
    "shape",
    [{"projects": 3, "days": 10, "kinds": RECORDS}, {"projects": 1, "days": 60, "hours": True, "kinds": RECORDS}],
    ids=["every day", "every hour"],
)
def test_a_report_reads_what_its_run_planned_and_lists_one_page_for_each_series(
    shape: dict[str, Any], serve: Serve
) -> None:
    archive = Archive(**shape)
    run, objects = planned_run(archive)
    bucket = serve(objects)
    report_archive.handler({"run": run}, CONTEXT)
    assert bucket.requests.total() == report_requests(archive)


@pytest.mark.parametrize("others", [1, 120])
def test_a_window_costs_the_same_beside_any_number_of_others(
    others: int, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = Archive(1, days=-(-others // 108), hours=True)
    (project_id,) = archive.project_ids
    bucket = serve(archive.objects())
    asked = [*half_hours(archive)]
    with (
        VendorStandIn(
            contents=CANARIED, task_seconds=0, report_rows=1, project_id=project_id, clock=lambda: NOW
        ) as vendor,
        Probe(vendor.url, clock=lambda: NOW) as probe,
    ):
        settings = {"HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY, "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY}
        for name, value in {**settings, "WORKSPACE_ENDPOINT": vendor.url}.items():
            monkeypatch.setenv(name, value)
        for number in range(others):
            given = {name: asked[number % len(asked)][name] for name in ("start_time", "end_time")}
            probe.call(RECORDS[0], given, places={"project_id": project_id}).raise_for_status()
        for event in asked:
            for function in (start_export, poll_status, fetch_file):
                event = function.handler(event, CONTEXT)  # noqa: PLW2901 - one answer is the next event
            assert event["archived"]["outcome"] == "landed"
        close_connections()
        assert bucket.requests.total() + len(vendor.requests) - others == window_requests(len(asked))


def half_hours(archive: Archive) -> Iterator[dict[str, Any]]:
    """Windows that the archive lacks."""
    for hour in range(24):
        at = f"{archive.newest[RECORDS[0]]}T{hour:02}"
        bounds = {"start_time": f"{at}:00:00Z", "end_time": f"{at}:29:59Z"}
        yield {"kind": RECORDS[0], "project_id": archive.project_ids[0], **bounds}
