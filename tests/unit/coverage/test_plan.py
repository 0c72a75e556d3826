"""The planner over random archives, gaps, clocks and filters: what is missing and can be had, each day once."""

import json
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from functions.plan_archive.app import PlanArchiveSettings
from tests.support.builders.examples import PROJECT_ID, Incoming, observed_export, workbook
from workspace_exports.archive.landing import land, land_empty
from workspace_exports.core.deadline import Deadline
from workspace_exports.coverage.days import MARGIN
from workspace_exports.coverage.plan import plan_archive
from workspace_exports.coverage.plans import PlannedExport, PlanRequest, read_plan
from workspace_exports.exports import Window, find_export
from workspace_exports.storage.store import Store, open_store

KINDS = ("connection-records", "user-usage", "desktop-usage")
FILTERS: dict[str, list[dict[str, Any]]] = {
    "connection-records": [{}, {"language": "en_US"}, {"language": "zh_CN"}, {"terminal_type": "Windows 10"}],
    "user-usage": [{}, {"username": "a"}],
    "desktop-usage": [{}, {"min_idle_days": 3}],
}
FILE = workbook()
NUMBERS = count()
MOMENTS = st.one_of(
    st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.sampled_from(
        [
            datetime.fromisoformat(f"{day}T{hour}+00:00")
            for day in ("2028-02-29", "2028-03-01", "2028-03-30", "2027-03-01", "2026-12-31", "2027-01-01")
            for hour in ("00:00", "02:59:59", "03:00", "16:59:59", "17:00", "18:00", "18:00:01", "23:59:59")
        ]
    ),
)
ARCHIVES = st.dictionaries(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 35) | st.integers(145, 185)),
    st.sampled_from(["landed", "empty", "with other filters", "asked for early"]),
    max_size=12,
)
CHOICES = st.fixed_dictionaries({kind: st.sampled_from(choices) for kind, choices in FILTERS.items()})


def fill(store: Store, kind: str, day: date, state: str, filters: dict[str, Any], now: datetime) -> None:
    """As a fetch would have left it."""
    others = {"enterprise_project_id": "0"}
    export = observed_export(
        kind=kind,
        day=day,
        filters=others if state == "with other filters" else filters,
        ordered_at=datetime.combine(day, time(22), UTC) if state == "asked for early" else now,
    )
    if state == "empty":
        land_empty(store, export, "Two tasks said so", None)
    else:
        land(store, export, Incoming([FILE], len(FILE)))


def can_be_had(kind: str, day: date, now: datetime) -> bool:
    """Whether the vendor takes the order now and at the end of a long run, and the day gains no more data."""
    export, window = find_export(kind), Window.of_day(day)
    takes = all(export.window.problems(window, at) == [] for at in (now, now + MARGIN))
    return takes and export.window.is_settled(window, now)


def planned(store: Store, now: datetime) -> list[PlannedExport]:
    environment = {"WORKSPACE_REGION": "ap-southeast-3", "ARCHIVE_URL": store.url, "ARCHIVE_TARGETS": "true"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workspace_exports.core.clock.datetime", SimpleNamespace(now=lambda _: now))
        run = plan_archive(PlanRequest(), PlanArchiveSettings.read(environment), Deadline.after(60))
    found = list(read_plan(store, run.run))
    assert len(found) == run.planned
    return found


def new_archive(filters: dict[str, dict[str, Any]]) -> Store:
    store = open_store(f"memory:///planner-{next(NUMBERS)}")
    target = {"project_id": PROJECT_ID, "kinds": KINDS, "filters": filters}
    store.replace("targets.json", json.dumps({"targets": [target]}).encode())
    return store


@settings(deadline=None)
@given(now=MOMENTS, archive=ARCHIVES, filters=CHOICES)
@example(now=datetime(2028, 3, 30, tzinfo=UTC), archive={}, filters={kind: {} for kind in KINDS})
def test_every_missing_day_that_can_be_had_is_planned_exactly_once_and_no_other(
    now: datetime, archive: dict[tuple[str, int], str], filters: dict[str, dict[str, Any]]
) -> None:
    store, have = new_archive(filters), set()
    for (kind, days_ago), state in archive.items():
        day = now.date() - timedelta(days=days_ago + 1)
        fill(store, kind, day, state, filters[kind], now)
        if state in {"landed", "empty"}:
            have.add((kind, day))

    found = planned(store, now)

    days = [now.date() - timedelta(days=n) for n in range(-1, 200)]
    wanted = {(kind, day) for kind in KINDS for day in days if can_be_had(kind, day, now)} - have
    assert sorted((item.export.kind, item.export.day) for item in found) == sorted(wanted)
    reach = {kind: timedelta(days=find_export(kind).window.last_days) for kind in KINDS}
    lost_on = [reach[item.export.kind] + item.export.day for item in found if item.export.day]
    assert lost_on == sorted(lost_on)
    assert all(item.export.filters == filters[item.export.kind] for item in found)
    assert len({item.name for item in found}) == len(found)


@settings(deadline=None, max_examples=15)
@given(now=MOMENTS, filters=CHOICES)
def test_what_was_planned_and_has_landed_is_not_planned_again(
    now: datetime, filters: dict[str, dict[str, Any]]
) -> None:
    store = new_archive(filters)
    for item in planned(store, now):
        assert item.export.day
        fill(store, item.export.kind, item.export.day, "empty", filters[item.export.kind], now)
    assert planned(store, now) == []
