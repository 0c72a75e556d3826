"""How many requests a growing archive costs: counted on the wire, and by formula."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from functions.plan_archive import app as plan_archive
from functions.report_archive import app as report_archive
from functions.show_coverage import app as show_coverage
from local.bench.growth.archives import Archive
from local.bench.growth.bounds import coverage_requests, plan_requests, report_requests, window_requests
from local.bench.growth.bucket import Bucket, Objects
from local.bench.growth.sweeps import planned_run, window_case
from local.standin import DEMO_REGION
from tests.support.builders.examples import NOW
from tests.support.lambda_context import lambda_context
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
        {"projects": 300, "days": 2},
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


def test_a_window_costs_the_same_beside_any_number_of_others() -> None:
    """In processes of their own, as they are measured; the first one is told apart by nothing but its company."""
    with ExitStack() as stack:
        cases = [window_case(stack, others) for others in (1, 120)]
        taken = [case.taken() for case in cases]
    assert [one.told["requests"] for one in taken] == [window_requests(24)] * 2
    assert all(one.told["seconds"] > 0 < one.peak_bytes for one in taken)
