"""Plans are written and read line by line; what is lost and at risk is told from the listings alone."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import MemoryStore

from tests.support.builders.examples import NOW, PROJECT_ID, observed_export
from workspace_exports.archive.layout import (
    SeriesName,
    day_lower_bound,
    day_order_key,
    filters_name,
    last_order_key,
    manifest_key,
    manifests_prefix,
    new_run,
    whole_day,
)
from workspace_exports.archive.manifests import archived_days
from workspace_exports.core.errors import ArchiveUnavailable
from workspace_exports.coverage.baseline import read_baseline, record_baseline
from workspace_exports.coverage.days import days_at_risk, oldest_day
from workspace_exports.coverage.plans import (
    PlanLocation,
    PlannedExport,
    execution_name,
    plan_location,
    read_plan,
    write_plan,
)
from workspace_exports.coverage.targets import Series
from workspace_exports.exports import EXPORTS
from workspace_exports.exports.windows import Bounds, WindowRule
from workspace_exports.storage.store import Store, open_store
from workspace_exports.storage.stored_objects import StoredObject

RECORDS = Series("connection-records", PROJECT_ID)
DAY = date(2026, 11, 20)
RUN = "2026-11-22T043000Z-0a1b2c3d"
RULE = WindowRule(Bounds.BOTH, last_days=30)
CLOCKS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
NUMBERS = count()


@pytest.fixture
def store() -> Store:
    return open_store(f"memory:///plans-{next(NUMBERS)}")


def plan(days: int, series: Series = RECORDS) -> list[PlannedExport]:
    dates = [DAY - timedelta(days=n) for n in reversed(range(days))]
    return [PlannedExport(name=execution_name(series, day, NOW.date()), export=series.of(day)) for day in dates]


class Dripping(Store):
    """Hands out an object in pieces of a few bytes."""

    def chunks(self, key: str) -> Iterator[bytes]:
        content = b"".join(super().chunks(key))
        return (content[n : n + 7] for n in range(0, len(content), 7))


class TestThePlan:
    @pytest.mark.parametrize("days", [0, 1, 30])
    def test_it_is_a_json_array_that_reads_back_as_it_was_written(self, days: int, store: Store) -> None:
        assert write_plan(store, RUN, iter(plan(days))) == days
        document = json.loads(store.read(f"runs/{RUN}/plan.json") or b"")
        assert [PlannedExport.model_validate(item) for item in document] == plan(days)
        assert list(read_plan(store, RUN)) == plan(days)

    def test_it_reads_back_however_it_is_cut(self) -> None:
        store = Dripping("memory:///dripping", MemoryStore())
        series = Series("connection-records", PROJECT_ID, {"user_name": "[ünder], {\n}]"})
        write_plan(store, RUN, plan(3, series))
        assert list(read_plan(store, RUN)) == plan(3, series)

    def test_an_item_is_what_start_export_takes(self) -> None:
        (item,) = plan(1, Series("user-usage", "p", {"username": "a"}))
        export = {"kind": "user-usage", "project_id": "p", "day": "2026-11-20", "filters": {"username": "a"}}
        assert item.model_dump(mode="json", exclude_none=True)["export"] == export
        assert item.placed(NOW).ordered_at == NOW

    def test_a_plan_that_is_not_there_is_told(self, store: Store) -> None:
        with pytest.raises(ArchiveUnavailable, match="plan"):
            list(read_plan(store, RUN))

    def test_a_plan_of_another_making_is_told(self, store: Store) -> None:
        store.replace(f"runs/{RUN}/plan.json", b'[\n{"name": "a b"}\n]\n')
        with pytest.raises(ArchiveUnavailable, match="not one this version can read"):
            list(read_plan(store, RUN))

    @pytest.mark.parametrize(
        ("url", "location"),
        [
            ("s3://bucket/some/prefix", PlanLocation(bucket="bucket", key=f"some/prefix/runs/{RUN}/plan.json")),
            ("s3://bucket", PlanLocation(bucket="bucket", key=f"runs/{RUN}/plan.json")),
            ("file:///srv/archive", PlanLocation(key=f"runs/{RUN}/plan.json")),
        ],
    )
    def test_its_place_is_told_as_the_state_machine_needs_it(self, url: str, location: PlanLocation) -> None:
        assert plan_location(Store(url, MemoryStore()), RUN) == location

    def test_a_later_run_sorts_behind(self) -> None:
        assert new_run(NOW) < new_run(NOW + timedelta(seconds=1))
        assert new_run(NOW) != new_run(NOW)


class TestNames:
    def test_a_name_tells_the_day_of_the_run_the_kind_and_the_day(self) -> None:
        name = execution_name(RECORDS, DAY, NOW.date())
        assert name.startswith("20261122-connection-records-2026-11-20-")
        assert max(len(execution_name(Series(kind, "p" * 64), DAY, DAY)) for kind in EXPORTS) <= 80

    def test_a_different_request_has_another_name(self) -> None:
        later = NOW.date() + timedelta(days=1)
        names = {
            execution_name(RECORDS, DAY, NOW.date()),
            execution_name(RECORDS, DAY, later),
            execution_name(RECORDS, later, NOW.date()),
            execution_name(Series("user-usage", PROJECT_ID), DAY, NOW.date()),
            execution_name(Series("connection-records", "p"), DAY, NOW.date()),
            execution_name(Series("connection-records", PROJECT_ID, {"language": "zh_CN"}), DAY, NOW.date()),
        }
        assert len(names) == 6
        same = Series("connection-records", PROJECT_ID, {"language": "en_US"})
        assert execution_name(same, DAY, NOW.date()) in names

    @given(day=st.dates(), filters=st.dictionaries(st.sampled_from(["user_name", "language"]), st.text(), max_size=2))
    def test_a_day_is_named_as_its_order_and_its_manifest_are(self, day: date, filters: dict[str, Any]) -> None:
        export = observed_export(day=day, filters=filters, ordered_at=datetime.max.replace(tzinfo=UTC))
        parts = ("connection-records", PROJECT_ID)
        assert day_order_key(*parts, day, filters) == last_order_key(export)
        if day < date.max:
            assert whole_day(manifest_key(export), filters_name("connection-records", filters)) == day
            assert day_lower_bound(manifests_prefix(*parts), day) < manifest_key(export)


class TestListing:
    def test_days_with_other_filters_do_not_count(self, store: Store) -> None:
        for number, filters in enumerate(({}, {"language": "zh_CN"}, {"user_name": "a"})):
            store.replace(manifest_key(observed_export(day=DAY - timedelta(days=number), filters=filters)), b"{}")
        every, chinese, english = (
            SeriesName.of("connection-records", PROJECT_ID, filters)
            for filters in ({}, {"language": "zh_CN"}, {"language": "en_US"})
        )
        found = [archived_days(store, one) for one in (every, chinese)]
        assert found == [{DAY}, {DAY - timedelta(days=1)}]
        assert archived_days(store, english) == {DAY}

    def test_what_is_older_than_asked_is_not_listed(self, store: Store) -> None:
        days = [DAY - timedelta(days=n) for n in range(40)]
        for day in days:
            store.replace(manifest_key(observed_export(day=day)), b"{}")
        assert archived_days(store, SeriesName(PROJECT_ID, "connection-records"), first=days[10]) == set(days[:11])

    @pytest.mark.parametrize("last", [DAY - timedelta(days=12), DAY, date.max - timedelta(days=1)])
    def test_what_is_newer_than_asked_is_not_listed_and_the_last_day_is_whole(self, last: date, store: Store) -> None:
        days = [DAY - timedelta(days=n) for n in range(40)]
        for day in days:
            for filters in ({}, {"user_name": "a"}):
                store.replace(manifest_key(observed_export(day=day, filters=filters)), b"{}")
        found = archived_days(store, SeriesName(PROJECT_ID, "connection-records"), last=last)
        assert found == {day for day in days if day <= last}


class Late(Store):
    """Lists nothing that is there: another plan wrote it just after."""

    def objects(self, prefix: str, after: str | None = None, before: str | None = None) -> Iterator[StoredObject]:
        return iter(())


class TestSince:
    def test_of_two_plans_at_once_the_first_one_stands(self) -> None:
        store = Late("memory:///late", MemoryStore())
        record_baseline(store, {RECORDS: DAY})
        record_baseline(store, {RECORDS: DAY - timedelta(days=1)})
        assert read_baseline(store, SeriesName(PROJECT_ID, "connection-records")) == DAY

    def test_the_first_day_stays_whatever_is_planned_later(self, store: Store) -> None:
        record_baseline(store, {RECORDS: DAY})
        record_baseline(store, {RECORDS: DAY - timedelta(days=1), Series("user-usage", "p"): DAY})
        assert read_baseline(store, SeriesName(PROJECT_ID, "connection-records")) == DAY
        assert read_baseline(store, SeriesName("p", "user-usage")) == DAY

    def test_other_filters_are_another_beginning(self, store: Store) -> None:
        record_baseline(store, {RECORDS: DAY - timedelta(days=400)})
        chinese: dict[str, Any] = {"language": "zh_CN"}
        record_baseline(store, {Series("connection-records", PROJECT_ID, chinese): DAY})
        assert read_baseline(store, SeriesName.of("connection-records", PROJECT_ID, chinese)) == DAY
        assert read_baseline(store, SeriesName(PROJECT_ID, "connection-records")) == DAY - timedelta(days=400)

    def test_what_was_never_planned_has_none(self, store: Store) -> None:
        assert read_baseline(store, SeriesName(PROJECT_ID, "connection-records")) is None

    def test_what_cannot_be_understood_is_told(self, store: Store) -> None:
        store.replace(f"since/kind=connection-records/project_id={PROJECT_ID}.json", b"{}")
        with pytest.raises(ArchiveUnavailable, match="not what this version can read"):
            read_baseline(store, SeriesName(PROJECT_ID, "connection-records"))


class TestLosses:
    @given(now=CLOCKS, missing=st.sets(st.integers(0, 40)), within=st.integers(0, 40))
    def test_at_risk_is_what_can_be_had_now_and_not_when_that_time_has_passed(
        self, now: datetime, missing: set[int], within: int
    ) -> None:
        days = {now.date() - timedelta(days=n) for n in missing}

        def can_be_had(day: date, at: datetime) -> bool:
            return datetime.combine(day, time(), UTC) >= at - timedelta(days=30)

        later = now + timedelta(days=within)
        expected = [day for day in sorted(days) if can_be_had(day, now) and not can_be_had(day, later)]
        assert days_at_risk(days, RULE, now, timedelta(days=within)) == expected
        assert {day for day in days if not can_be_had(day, now)} == {day for day in days if day < oldest_day(RULE, now)}
