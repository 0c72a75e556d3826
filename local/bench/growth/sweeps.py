"""The sweeps over projects, windows and archives, each against a bucket that was filled for it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

from local.bench.growth.archives import Archive
from local.bench.growth.bounds import coverage_requests, plan_requests, report_requests, window_requests
from local.bench.growth.bucket import Bucket, Objects
from local.bench.growth.slopes import Sweep
from local.bench.growth.sweeping import Case, Event, invoked_on, sweep
from local.bench.measuring import Measure
from local.standin import VendorStandIn
from local.standin.probe import Probe
from workspace_exports.archive.layout import new_run, plan_key
from workspace_exports.core.clock import utc_now
from workspace_exports.coverage.plans import PlannedExport, execution_name
from workspace_exports.coverage.targets import Series

WIDE = (1, 4, 16, 57, 230)
"""Projects with a year of every kind: 4,380 to 1,007,400 manifests."""
DEEP = (46, 185, 740, 2315, 4630)
"""Days of two projects, every kind every day, and every hour besides where hours can be had: to a million manifests."""
PROJECTS = (1, 10, 100, 1000)
WINDOWS = (10, 100, 1000, 10_000)

_KIND = "connection-records"
_DAYS_PLANNED = 10
_MEASURED_WINDOWS = 24
_REFUSED: Event = {"nobody": "knows this"}
_LOOK: Event = {
    "version": "2.0",
    "routeKey": "GET /coverage",
    "rawPath": "/coverage",
    "rawQueryString": "",
    "headers": {"accept": "application/json"},
    "requestContext": {"http": {"method": "GET", "path": "/coverage"}, "stage": "$default", "requestId": "bench"},
    "isBase64Encoded": False,
}
_REFUSED_LOOK: Event = _LOOK | {"queryStringParameters": {"nobody": "knows"}}


def run_sweeps(rounds: int) -> list[Sweep]:
    """What one run of the archive workflow does."""
    return [_plan_projects(rounds), _plan_windows(rounds), _windows(rounds), _report_windows(rounds)]


def archive_sweeps(rounds: int) -> list[Sweep]:
    """What reads an archive that grows."""
    wide = [Archive(projects, 365) for projects in WIDE]
    deep = [Archive(2, days, hours=True) for days in DEEP]
    return [
        _plan("plan-archive, more projects", wide, rounds),
        _plan("plan-archive, older archive", deep, rounds),
        _look("show-coverage, more projects, first look", wide, rounds),
        _look("show-coverage, more projects", [replace(one, indexed=True) for one in wide], rounds),
        _look("show-coverage, older archive", [replace(one, indexed=True) for one in deep], rounds),
    ]


def _plan_projects(rounds: int) -> Sweep:
    """The first plan of all: every day is missing, and every beginning is to be noted."""
    archives = [Archive(projects, planned=False) for projects in PROJECTS]
    with ExitStack() as stack:
        cases = [_planning(stack.enter_context(Bucket(one.objects())), one, one.projects) for one in archives]
        return sweep("plan-archive, first plan", "projects", cases, rounds)


def _plan_windows(rounds: int) -> Sweep:
    archives = [Archive(windows // _DAYS_PLANNED, kinds=(_KIND,)) for windows in WINDOWS]
    with ExitStack() as stack:
        cases = [
            _planning(stack.enter_context(Bucket(one.objects())), one, one.projects * _DAYS_PLANNED, _last_days(one))
            for one in archives
        ]
        return sweep("plan-archive, ten days", "windows planned", cases, rounds)


def _last_days(archive: Archive) -> dict[str, str]:
    last = archive.newest[_KIND]
    return {"first_day": str(last - timedelta(days=_DAYS_PLANNED - 1)), "last_day": str(last)}


def _plan(name: str, archives: list[Archive], rounds: int) -> Sweep:
    with ExitStack() as stack:
        cases = [_planning(stack.enter_context(Bucket(one.objects())), one, one.manifests) for one in archives]
        return sweep(name, "manifests", cases, rounds)


def _planning(bucket: Bucket, archive: Archive, work: int, days: Mapping[str, str] | None = None) -> Case:
    def measure() -> Measure:
        return invoked_on(bucket, ["plan_archive"], [_REFUSED, {**(days or {})}])

    def bound() -> int:
        plan = bucket.objects.page("runs/", "", "").keys[0]
        return plan_requests(archive, len(bucket.objects.read(plan) or b""), whole=days is None)

    return Case(work, measure, bucket.requests.total, bound)


def _look(name: str, archives: list[Archive], rounds: int) -> Sweep:
    with ExitStack() as stack:
        cases = [_looking(stack.enter_context(Bucket(one.objects())), one) for one in archives]
        return sweep(name, "manifests", cases, rounds)


def _looking(bucket: Bucket, archive: Archive) -> Case:
    return Case(
        work=archive.manifests,
        measure=lambda: invoked_on(bucket, ["show_coverage"], [_REFUSED_LOOK, _LOOK]),
        requests=bucket.requests.total,
        bound=lambda: coverage_requests(archive),
    )


def _windows(rounds: int) -> Sweep:
    """A run's windows cost what one of them costs beside the others: in the archive, and in the vendor's list."""
    with ExitStack() as stack:
        cases = [window_case(stack, windows) for windows in WINDOWS]
        return sweep("start-export, poll-status, fetch-file", "windows of a run", cases, rounds)


def window_case(stack: ExitStack, windows: int) -> Case:
    """A few windows of a run, beside as many others as it has."""
    archive = Archive(1, days=-(-windows // 108), hours=True)
    (project_id,) = archive.project_ids
    bucket = stack.enter_context(Bucket(archive.objects()))
    vendor = stack.enter_context(VendorStandIn(task_seconds=0, report_rows=1, project_id=project_id))
    asked = [*_half_hours(archive)]
    with Probe(vendor.url) as probe:
        for number in range(windows):
            given = {name: asked[number % len(asked)][name] for name in ("start_time", "end_time")}
            probe.call(_KIND, given, places={"project_id": project_id}).raise_for_status()
    before = len(vendor.requests)

    def measure() -> Measure:
        nonlocal before
        before = len(vendor.requests)
        chain = ["start_export", "poll_status", "fetch_file"]
        return invoked_on(bucket, chain, [_REFUSED, *asked], {"WORKSPACE_ENDPOINT": vendor.url})

    return Case(
        work=windows,
        measure=measure,
        requests=lambda: bucket.requests.total() + len(vendor.requests) - before,
        bound=lambda: window_requests(len(asked)),
        share=len(asked) / windows,
    )


def _half_hours(archive: Archive) -> Iterator[Event]:
    """Windows that the archive lacks."""
    day = archive.newest[_KIND]
    for hour in range(_MEASURED_WINDOWS):
        bounds = {"start_time": f"{day}T{hour:02}:00:00Z", "end_time": f"{day}T{hour:02}:29:59Z"}
        yield {"kind": _KIND, "project_id": archive.project_ids[0], **bounds}


def _report_windows(rounds: int) -> Sweep:
    archives = [Archive(windows // _DAYS_PLANNED, _DAYS_PLANNED, kinds=(_KIND,)) for windows in WINDOWS]
    with ExitStack() as stack:
        cases = [_reporting(stack, one) for one in archives]
        return sweep("report-archive", "windows of a run", cases, rounds)


def _reporting(stack: ExitStack, archive: Archive) -> Case:
    run, objects = planned_run(archive)
    bucket = stack.enter_context(Bucket(objects))
    return Case(
        work=archive.manifests,
        measure=lambda: invoked_on(bucket, ["report_archive"], [_REFUSED, {"run": run}]),
        requests=bucket.requests.total,
        bound=lambda: report_requests(archive),
    )


def planned_run(archive: Archive) -> tuple[str, Objects]:
    """A run that planned every day that the archive has, and the archive with its plan."""
    run = new_run(utc_now())
    plan = b"[\n" + b",\n".join(_planned(archive)) + b"\n]\n"
    return run, archive.objects(beside={plan_key(run): plan})


def _planned(archive: Archive) -> Iterator[bytes]:
    for project_id in archive.project_ids:
        series = Series(_KIND, project_id)
        for day in (archive.newest[_KIND] - timedelta(days=ago) for ago in range(archive.days)):
            item = PlannedExport(name=execution_name(series, day, utc_now().date()), export=series.of(day))
            yield item.model_dump_json(exclude_none=True).encode()
