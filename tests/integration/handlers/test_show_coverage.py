"""show-coverage through its handler, on a folder and on S3: what it tells after real runs, and what it asks storage."""

from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from functions.show_coverage import app as show_coverage
from local.standin.accounts import DEMO_PROJECT_ID
from tests.support.builders.examples import NOW
from tests.support.builders.ledgers import A_DAY, YESTERDAY, days_of, look, put_days, put_failure, put_manifest
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import CONTEXT
from tests.support.servers.faulty_storage.server import MisbehavingStorage
from workspace_exports.archive.layout import SeriesName
from workspace_exports.audit.prune import sweep
from workspace_exports.audit.verify import verify
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import Misconfigured
from workspace_exports.coverage.baseline import record_baseline
from workspace_exports.coverage.targets import Series
from workspace_exports.exports.windows import LATE_DATA
from workspace_exports.storage.store import Store, open_store

LAST_DAY = (utc_now() - LATE_DATA).date() - timedelta(days=1)
KIND = {"kind": "connection-records"}


def show(**request: Any) -> dict[str, Any]:
    return show_coverage.handler(request, CONTEXT)


def test_what_was_exported_is_archived_and_the_rest_is_missing(
    plan: Call, start: Call, poll: Call, fetch: Call
) -> None:
    plan(kinds=["connection-records"])
    archived = fetch(**poll(**start(**KIND, day=str(LAST_DAY))))["archived"]
    told = show(**KIND)
    (series,) = told["series"]
    assert (series["kind"], series["project_id"]) == ("connection-records", DEMO_PROJECT_ID)
    days = {day["day"]: day for day in series["days"]}
    assert set(days) == {str(date.fromisoformat(series["since"]) + timedelta(days=n)) for n in range(len(days))}
    newest = days[str(LAST_DAY)]
    assert {name: newest[name] for name in ("status", "sha256", "size_bytes")} == {
        "status": "archived",
        "sha256": archived["sha256"],
        "size_bytes": archived["size_bytes"],
    }
    # From 18:00 UTC on, a run leaves out the day that goes at midnight.
    week = datetime.fromisoformat(told["at"]) + timedelta(days=7)
    at_risk = [day for day in days if datetime.fromisoformat(f"{day}T00:00:00Z") + timedelta(days=30) <= week]
    assert len(at_risk) in {6, 7}
    assert told["totals"] == told["totals"] | {
        "archived": 1,
        "lost": 0,
        "at_risk": len(at_risk),
        "size_bytes": newest["size_bytes"],
    }
    assert told["next_at_risk"]["day"] == min(days)
    assert (told["last_day"], told["unread"], told["left_out"]) == (str(LAST_DAY), 0, 0)


def test_a_list_of_projects_that_is_of_no_use_is_told(environment: pytest.MonkeyPatch, store: Store) -> None:
    environment.setenv("ARCHIVE_TARGETS", "true")
    store.replace("targets.json", b"{")
    with pytest.raises(Misconfigured, match="it is not JSON"):
        show()


def test_objects_of_the_ledger_are_no_leftovers(store: Store) -> None:
    series = SeriesName("p", "connection-records")
    put_days(store, series, [YESTERDAY])
    look(store)
    store.replace("coverage.html", b"<html>", content_type="text/html; charset=utf-8")
    later = utc_now() + 400 * A_DAY
    assert [finding.key for finding in verify(store, now=later)] == [
        f"manifests/kind=connection-records/project_id=p/day={YESTERDAY}.json"
    ]
    assert list(sweep(store, now=later)) == []


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_what_a_killed_writer_of_the_ledger_left_is_swept(store: Store, tmp_path: Path) -> None:
    put_days(store, SeriesName("p", "connection-records"), [YESTERDAY])
    look(store)
    year = next(store.keys("coverage/"))
    staged = {f"{year}#1", "coverage.html#12"}
    for name in (*staged, "coverage.html#", "coverage.html#1a", "targets.json#1"):
        (tmp_path / name).write_bytes(b"half")
    assert {left.key for left in sweep(store, now=utc_now() + 400 * A_DAY)} == staged


@pytest.mark.long
@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
@pytest.mark.parametrize(("in_order", "pages"), [(True, 1), (False, 2)], ids=["on-aws", "elsewhere"])
def test_a_listing_on_s3_ends_where_the_days_do(
    in_order: bool,  # noqa: FBT001 - a row
    pages: int,
    archive_url: str,
    s3: MisbehavingStorage,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A page has a thousand keys, and windows sort behind days; AWS alone promises to list in order."""
    monkeypatch.setattr("workspace_exports.storage.store.lists_in_order", lambda *_: in_order)
    series = SeriesName("p", "connection-records")
    put_days(store, series, [YESTERDAY])
    for number in range(1001):
        store.replace(f"manifests/kind=connection-records/project_id=p/window={number:05}.json", b"no record")
    open_store.cache_clear()
    s3.forget()
    assert list(days_of(look(open_store(archive_url)), series)) == [YESTERDAY]
    assert asked(s3)["list manifests/kind=connection-records/project_id=p/"] == pages


@pytest.mark.check
@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_the_number_of_requests_follows_a_formula(archive_url: str, s3: MisbehavingStorage, store: Store) -> None:
    kinds, projects, days, gaps = ("app-user-access", "connection-records"), ("p1", "p2", "p3"), 40, {0, 2, 4}
    every = [SeriesName(project, kind) for kind in kinds for project in projects]
    whole, broken = every[1:], every[0]
    for series in whole:
        put_days(store, series, [YESTERDAY - n * A_DAY for n in range(days)])
    put_days(store, broken, [YESTERDAY - n * A_DAY for n in range(days) if n not in gaps])
    for n in (0, 1, 2):
        put_failure(store, broken, YESTERDAY - n * A_DAY)
    put_failure(store, SeriesName(broken.project_id, broken.kind, ".filters-0"), YESTERDAY)
    put_manifest(store, SeriesName("p1", "desktops"), "snapshot=20261120T040000Z")
    for nobodys in ("kind=dreams/project_id=p1", "kind=connection-records/p9", "elsewhere/project_id=p1"):
        store.replace(f"manifests/{nobodys}/day={YESTERDAY}.json", b"{}")
    record_baseline(store, {Series(one.kind, one.project_id): YESTERDAY - days * A_DAY + A_DAY for one in every})
    manifests, series_there, kinds_there = len(every) * days - len(gaps) + 1, len(every) + 1, len(kinds) + 1
    listings = {"list since/": 1, "folders manifests/": 1, "folders manifests/kind": kinds_there}
    listings |= {"folders failures/": 1, "folders failures/kind": 1}
    listings |= {"list manifests/": series_there, "list failures/": len(every)}
    gets = {"get since/": len(every), "get coverage/": series_there, "get failures/": 2, "get orders/": 2}
    warm = Counter(listings) + Counter(gets)
    cold = warm + Counter({"get manifests/": manifests, "put coverage/": series_there})
    open_store.cache_clear()
    for expected in (cold, warm):
        s3.forget()
        look(open_store(archive_url))
        assert by_sort(s3) == expected


def by_sort(s3: MisbehavingStorage) -> Counter[str]:
    sorts: Counter[str] = Counter()
    for request, times in asked(s3).items():
        verb, _, key = request.partition(" ")
        is_kind = verb == "folders" and "kind=" in key
        sorts[f"{verb} {key.partition('/')[0]}/{'kind' if is_kind else ''}"] += times
    return sorts


def asked(s3: MisbehavingStorage) -> Counter[str]:
    """What passed: `list PREFIX`, `folders PREFIX`, `get KEY`, `put KEY`."""
    told: Counter[str] = Counter()
    for request in s3.requests:
        url = urlsplit(request.path)
        query = parse_qs(url.query)
        if "list-type" in query:
            verb, key = "folders" if "delimiter" in query else "list", query["prefix"][0]
        else:
            verb, key = request.method.lower(), url.path.removeprefix("/").partition("/")[2]
        told[f"{verb} {key.partition('workspace-exports/')[2]}"] += 1
    return told


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_one_project_and_kind_asks_for_no_folder(archive_url: str, s3: MisbehavingStorage, store: Store) -> None:
    put_days(store, SeriesName("p", "connection-records"), [YESTERDAY])
    open_store.cache_clear()
    s3.forget()
    told = look(open_store(archive_url), KIND | {"project_id": "p"})
    assert told.totals.archived == 1
    assert not [request for request in asked(s3) if request.startswith("folders")]
    assert asked(s3)["list since/kind=connection-records/"] == 1


def test_folders_are_named_without_what_is_in_them(store: Store) -> None:
    for key in (
        "manifests/kind=a/project_id=p/x.json",
        "manifests/kind=b/x.json",
        "manifests/x.json",
        "other/y/z.json",
    ):
        store.replace(key, b"")
    assert sorted(store.folders("manifests/")) == ["kind=a", "kind=b"]
    assert store.folders("nothing/") == []


def test_a_listing_may_end_before_a_key_and_tells_one_version_from_another(store: Store) -> None:
    for name in "abcd":
        store.replace(f"x/{name}", name.encode())
    assert sorted(one.key for one in store.objects("x/", after="x/a", before="x/d")) == ["x/b", "x/c"]
    before = {one.key: one.e_tag for one in store.objects("x/")}
    store.replace("x/a", b"other")
    after = {one.key: one.e_tag for one in store.objects("x/")}
    assert None not in before.values()
    assert {key for key in before if before[key] != after[key]} == {"x/a"}


@pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
def test_a_page_is_served_as_what_it_is(archive_url: str, s3: MisbehavingStorage, store: Store) -> None:
    open_store.cache_clear()
    open_store(archive_url).replace("coverage.html", b"<html>", content_type="text/html; charset=utf-8")
    (put,) = s3.calls("put")
    assert put.headers["content-type"] == "text/html; charset=utf-8"


def test_the_range_and_the_clock_are_the_callers(store: Store) -> None:
    """Years later, what was at risk is lost."""
    record_baseline(store, {Series("connection-records", "p"): YESTERDAY})
    statuses = [look(store, now=NOW + timedelta(days=days)).series[0].days[0].status for days in (0, 25, 31)]
    assert statuses == ["missing", "at-risk", "lost"]
