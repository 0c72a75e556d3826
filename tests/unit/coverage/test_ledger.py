"""The coverage ledger: how each day stands, whose days they are, and what is read of them."""

import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.show_coverage.app import ShowCoverageSettings
from local.standin.clock import SettableClock
from tests.support.builders.clocks import CLOCKS
from tests.support.builders.examples import NOW, PROJECT_ID, TASK_ID
from tests.support.builders.ledgers import (
    A_DAY,
    DESKTOPS,
    FILTERED,
    FILTERS,
    RECORDS,
    YESTERDAY,
    days_of,
    look,
    put_days,
    put_failure,
    put_manifest,
)
from workspace_exports.archive.failures import Failure
from workspace_exports.archive.layout import SeriesName, coverage_key
from workspace_exports.archive.manifests import Manifest
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import ArchiveUnavailable, Rejected
from workspace_exports.core.ttl_cache import TTLCache
from workspace_exports.core.validation import parse
from workspace_exports.coverage import show
from workspace_exports.coverage.baseline import record_baseline
from workspace_exports.coverage.days import DayPolicy, classify_days, covered_days, next_at_risk, settled_day, totals
from workspace_exports.coverage.ledger import MOST_SERIES
from workspace_exports.coverage.ledger_index import CoverageIndex
from workspace_exports.coverage.ledger_record import (
    Coverage,
    CoverageRequest,
    CoveredDay,
    DayStatus,
    SeriesCoverage,
    Totals,
)
from workspace_exports.coverage.targets import Series
from workspace_exports.exports import Window, find_export
from workspace_exports.runtime.http import LARGEST_BODY_BYTES
from workspace_exports.storage.store import Store, open_store
from workspace_exports.storage.stored_objects import StoredObject

WINDOW = find_export("connection-records").window
RULE = DayPolicy(WINDOW, NOW, 7)
LOST, AT_RISK, RECENT = date(2026, 10, 23), date(2026, 10, 24), date(2026, 10, 31)
"""The last day that is beyond reach at NOW, the first that is not, and the first that is not in danger."""
NUMBERS = count()


@pytest.fixture
def store() -> Store:
    return open_store(f"memory:///coverage-{next(NUMBERS)}")


def failure(**changes: Any) -> Failure:
    example = {"error": "TaskFailed", "what": "It said FAIL", "advice": "", "at": NOW}
    return Failure.model_validate(example | changes)


def covered(day: date, status: DayStatus = DayStatus.ARCHIVED, **more: Any) -> CoveredDay:
    return CoveredDay(day=day, status=status, **more)


class TestStanding:
    def test_what_the_archive_does_not_keep_so_long_is_neither_missing_nor_lost(self) -> None:
        keeping = replace(RULE, kept_days=35)
        assert min(classify_days(LOST - 90 * A_DAY, set(), YESTERDAY, keeping)) == NOW.date() - 35 * A_DAY
        assert min(classify_days(RECENT, set(), YESTERDAY, keeping)) == RECENT
        assert classify_days(RECENT, set(), RECENT, replace(RULE, kept_days=1)) == {}

    def test_as_the_settings_say_of_the_page_and_of_the_report(self, store: Store) -> None:
        record_baseline(store, {Series("connection-records", PROJECT_ID): LOST})
        assert AT_RISK not in days_of(look(store, kept_days=1), RECORDS)

    @pytest.mark.parametrize(
        ("day", "alone", "with_a_failure"),
        [
            (LOST, "lost", "lost"),
            (AT_RISK, "at-risk", "at-risk"),
            (RECENT - A_DAY, "at-risk", "at-risk"),
            (RECENT, "missing", "failed"),
            (YESTERDAY, "missing", "failed"),
        ],
    )
    def test_danger_goes_before_failure_and_failure_before_mere_absence(
        self, day: date, alone: str, with_a_failure: str
    ) -> None:
        standing = classify_days(day, set(), day, RULE)
        for failures, status in (({}, alone), ({day: failure()}, with_a_failure), ({day: None}, with_a_failure)):
            (told,) = covered_days([], standing, failures, RULE)
            assert told.status == status
            assert told.gone_at == datetime.combine(day, datetime.min.time(), NOW.tzinfo) + timedelta(days=30)
            assert (told.error, told.what) == (("TaskFailed", "It said FAIL") if failures.get(day) else (None, None))

    def test_an_archived_day_is_nothing_else_whatever_failed_before(self) -> None:
        have = [covered(LOST, DayStatus.EMPTY), covered(YESTERDAY)]
        standing = classify_days(YESTERDAY, {LOST, YESTERDAY}, YESTERDAY, RULE)
        assert covered_days(have, standing, {YESTERDAY: failure(), LOST: failure()}, RULE) == have

    @given(
        now=CLOCKS, since=st.integers(0, 60), archived=st.sets(st.integers(0, 60)), failed=st.sets(st.integers(0, 60))
    )
    def test_every_day_stands_as_the_vendors_own_rule_has_it(
        self, now: datetime, since: int, archived: set[int], failed: set[int]
    ) -> None:
        rule, last = DayPolicy(WINDOW, now, 7), settled_day(WINDOW, now)
        first, have = last - since * A_DAY, {last - n * A_DAY for n in archived}
        broken = {last - n * A_DAY: failure() for n in failed}
        days = covered_days(map(covered, have), classify_days(first, have, last, rule), broken, rule)
        assert [told.day for told in days] == sorted(have | {first + n * A_DAY for n in range(since + 1)})
        for told in days:
            soon = now + timedelta(days=7, microseconds=-1)
            now_refused, soon_refused = (bool(WINDOW.out_of_reach(Window.of_day(told.day), at)) for at in (now, soon))
            expected = (
                "archived" if told.day in have else "lost" if now_refused else "at-risk" if soon_refused else "missing"
            )
            assert told.status == ("failed" if expected == "missing" and told.day in broken else expected)

    def test_what_was_never_planned_misses_nothing(self) -> None:
        assert classify_days(None, set(), YESTERDAY, RULE) == {}

    def test_another_s_words_are_cut(self) -> None:
        standing = classify_days(YESTERDAY, set(), YESTERDAY, RULE)
        (told,) = covered_days([], standing, {YESTERDAY: failure(error="E" * 999, what="w" * 999)}, RULE)
        assert (told.error, told.what) == ("E" * 300, "w" * 300)


class TestSums:
    def series(self, kind: str, project_id: str, *days: CoveredDay) -> SeriesCoverage:
        return SeriesCoverage(kind=kind, project_id=project_id, days=list(days))

    def test_every_status_is_counted_and_every_known_size(self) -> None:
        days = [covered(LOST, status, size_bytes=5) for status in DayStatus]
        told = totals([self.series("a", "p", *days), self.series("b", "p", covered(LOST), covered(AT_RISK))])
        assert told == Totals(archived=3, empty=1, lost=1, at_risk=1, failed=1, missing=1, size_bytes=30)

    def test_the_next_to_go_is_told_by_time_then_project_then_kind(self) -> None:
        def day(status: DayStatus, hours: int) -> CoveredDay:
            return covered(AT_RISK, status, gone_at=NOW + timedelta(hours=hours))

        lost, at_risk, failed = (day(status, n) for n, status in enumerate((DayStatus.LOST, *[DayStatus.AT_RISK] * 2)))
        assert next_at_risk([self.series("a", "p", lost, covered(YESTERDAY))]) is None
        told = next_at_risk(
            [
                self.series("a", "p", lost, failed),
                self.series("b", "q", at_risk),
                self.series("z", "p", at_risk),
                self.series("c", "p", at_risk),
            ]
        )
        assert told
        assert (told.kind, told.project_id, told.gone_at) == ("c", "p", at_risk.gone_at)


class TestSeries:
    def test_what_is_configured_was_planned_or_is_merely_there_is_shown_by_project_then_kind(
        self, store: Store
    ) -> None:
        record_baseline(store, {Series("user-usage", "b"): YESTERDAY})
        put_days(store, SeriesName("c", "app-user-access"), [YESTERDAY])
        put_days(store, SeriesName("a", "desktop-usage"), [YESTERDAY - A_DAY])
        told = look(store, configured=[Series("connection-records", "b")])
        assert [(one.project_id, one.kind, one.since) for one in told.series] == [
            ("a", "desktop-usage", None),
            ("b", "connection-records", None),
            ("b", "user-usage", YESTERDAY),
            ("c", "app-user-access", None),
        ]
        assert told.left_out == 0

    @pytest.mark.parametrize(
        ("request_", "shown"),
        [
            ({"kind": "user-usage"}, [("a", "user-usage"), ("b", "user-usage")]),
            ({"project_id": "a"}, [("a", "connection-records"), ("a", "user-usage")]),
            ({"project_id": "b", "kind": "connection-records"}, [("b", "connection-records")]),
            ({"project_id": "b", "kind": "desktop-usage"}, []),
            ({"project_id": "nobody"}, []),
        ],
    )
    def test_one_kind_or_project_may_be_asked_for(
        self, request_: dict[str, Any], shown: list[tuple[str, str]], store: Store
    ) -> None:
        put_days(store, SeriesName("a", "user-usage"), [YESTERDAY - A_DAY])
        put_days(store, SeriesName("b", "connection-records"), [YESTERDAY])
        record_baseline(store, {Series("user-usage", "b"): YESTERDAY})
        told = look(store, request_, [Series("connection-records", "a")])
        assert [(one.project_id, one.kind) for one in told.series] == shown

    def test_a_filtered_series_is_not_the_unfiltered_one(self, store: Store) -> None:
        record_baseline(store, {Series("connection-records", PROJECT_ID, FILTERS): YESTERDAY - 2 * A_DAY})
        put_days(store, FILTERED, [YESTERDAY - A_DAY])
        put_days(store, RECORDS, [YESTERDAY])
        put_failure(store, RECORDS, YESTERDAY - 2 * A_DAY)
        told = look(store)
        assert {day: one.status for day, one in days_of(told, FILTERED).items()} == {
            YESTERDAY - 2 * A_DAY: "missing",
            YESTERDAY - A_DAY: "archived",
            YESTERDAY: "missing",
        }
        assert list(days_of(told, RECORDS)) == [YESTERDAY - 2 * A_DAY, YESTERDAY]
        assert [one.filters for one in told.series] == [None, FILTERED.filters_name[1:]]
        again = look(store, most_manifests=0)
        assert again.unread == 0
        assert again == told

    def test_a_filter_that_says_nothing_is_none(self, store: Store) -> None:
        record_baseline(store, {Series("connection-records", PROJECT_ID): YESTERDAY})
        told = look(store, configured=[Series("connection-records", PROJECT_ID, {"language": "en_US"})])
        assert [(one.filters, one.since) for one in told.series] == [(None, YESTERDAY)]

    @pytest.mark.parametrize(
        "key",
        [
            "manifests/kind=dreams/project_id=p/day=2026-11-20.json",
            "manifests/kind=connection-records/project_id=a b/day=2026-11-20.json",
            "manifests/kind=connection-records/project_id=<script>/day=2026-11-20.json",
            "manifests/kind=connection-records/elsewhere/day=2026-11-20.json",
            "manifests/elsewhere/project_id=p/day=2026-11-20.json",
            "manifests/day=2026-11-20.json",
            "since/kind=dreams/project_id=p.json",
            "since/kind=connection-records/project_id=a b.json",
            "since/kind=connection-records/project_id=p.filters-XYZ.json",
            f"manifests/kind=connection-records/project_id={PROJECT_ID}/day=2026-13-20.json",
            f"manifests/kind=connection-records/project_id={PROJECT_ID}/day=2026-11-20.ordered-20261120T040000Z.json",
            f"manifests/kind=connection-records/project_id={PROJECT_ID}/day=2026-11-20/x.json",
            f"manifests/kind=connection-records/project_id={PROJECT_ID}/window=20261120T000000Z--open.json",
            f"manifests/kind=connection-records/project_id={PROJECT_ID}/snapshot=20261120T000000Z.json",
            f"manifests/kind=desktops/project_id={PROJECT_ID}/day=2026-11-20.json",
            f"manifests/kind=desktops/project_id={PROJECT_ID}/snapshot=20261320T000000Z.json",
        ],
    )
    def test_a_key_that_makes_no_whole_day_of_ours_is_passed_over(self, key: str, store: Store) -> None:
        store.replace(key, b"{}")
        told = look(store)
        assert (told.series, told.left_out, told.unread) == ([], 0, 0)


class TestRange:
    def test_by_default_it_is_the_last_400_days_that_have_settled(self, store: Store) -> None:
        record_baseline(store, {Series("connection-records", PROJECT_ID): date(2020, 1, 1)})
        put_days(store, RECORDS, [date(2020, 1, 1), NOW.date()])
        told = look(store)
        assert (told.first_day, told.last_day) == (YESTERDAY - 399 * A_DAY, YESTERDAY)
        days = days_of(told, RECORDS)
        assert (min(days), max(days), len(days)) == (told.first_day, told.last_day, 400)
        assert told.series[0].since == date(2020, 1, 1)

    def test_a_day_counts_once_it_has_settled_by_its_own_kinds_rule(self, store: Store) -> None:
        for kind in ("connection-records", "user-usage"):
            record_baseline(store, {Series(kind, PROJECT_ID): YESTERDAY - A_DAY})
        told = look(store)
        assert [max(day.day for day in one.days) for one in told.series] == [YESTERDAY, YESTERDAY - A_DAY]

    def test_days_before_the_first_planned_one_are_shown_if_they_are_there(self, store: Store) -> None:
        record_baseline(store, {Series("connection-records", PROJECT_ID): YESTERDAY - A_DAY})
        put_days(store, RECORDS, [YESTERDAY - 9 * A_DAY, YESTERDAY])
        assert {day: one.status for day, one in days_of(look(store), RECORDS).items()} == {
            YESTERDAY - 9 * A_DAY: "archived",
            YESTERDAY - A_DAY: "missing",
            YESTERDAY: "archived",
        }

    def test_a_range_may_be_asked_for_and_ends_where_there_is_nothing_to_tell_yet(self, store: Store) -> None:
        record_baseline(store, {Series("connection-records", PROJECT_ID): YESTERDAY - 9 * A_DAY})
        put_days(store, RECORDS, [YESTERDAY - n * A_DAY for n in range(9)])
        first = YESTERDAY - 4 * A_DAY
        told = look(store, {"first_day": first, "last_day": first + A_DAY})
        assert list(days_of(told, RECORDS)) == [first, first + A_DAY]
        assert look(store, {"first_day": first, "last_day": "2030-01-01"}).last_day == YESTERDAY
        with pytest.raises(Rejected, match="first_day 2026-11-22 is not over, or may still gain data: the newest"):
            look(store, {"first_day": NOW.date()})

    def test_a_range_that_runs_backwards_is_refused(self) -> None:
        with pytest.raises(Rejected, match="first_day 2026-11-20 is after last_day 2026-11-19: swap them"):
            parse(CoverageRequest, {"first_day": "2026-11-20", "last_day": "2026-11-19"})

    @pytest.mark.parametrize("last", ["0001-01-02", "2000-01-01"])
    def test_long_ago_there_was_nothing(self, last: str, store: Store) -> None:
        put_days(store, RECORDS, [YESTERDAY])
        assert look(store, {"last_day": last}).series == []
        assert list(days_of(look(store, {"first_day": "0001-01-01"}), RECORDS)) == [YESTERDAY]


class TestSnapshots:
    def test_the_last_one_of_a_day_counts_and_none_is_ever_missing(self, store: Store) -> None:
        put_manifest(store, DESKTOPS, "snapshot=20261118T040000Z", size_bytes=1)
        put_manifest(store, DESKTOPS, "snapshot=20261118T235959Z", size_bytes=2)
        put_manifest(store, DESKTOPS, "snapshot=20261118T120000Z", size_bytes=3)
        put_manifest(store, DESKTOPS, "snapshot=20261122T040000Z", outcome="empty", size_bytes=0)
        put_manifest(store, DESKTOPS, "snapshot=20240101T040000Z")
        store.replace(f"since/kind=desktops/project_id={PROJECT_ID}.json", b'{"first_day": "2026-11-01"}')
        told = look(store)
        assert {day: (one.status, one.size_bytes) for day, one in days_of(told, DESKTOPS).items()} == {
            date(2026, 11, 18): ("archived", 2),
            date(2026, 11, 22): ("empty", 0),
        }
        assert (told.series[0].since, told.last_day) == (None, NOW.date())


class TestDetails:
    def test_an_archived_day_is_told_with_what_its_manifest_says(self, store: Store) -> None:
        put_days(store, RECORDS, [YESTERDAY], size_bytes=7)
        put_days(store, RECORDS, [LOST], outcome="empty", key=None, size_bytes=0)
        told = look(store)
        assert days_of(told, RECORDS) == {
            LOST: covered(LOST, DayStatus.EMPTY, size_bytes=0, landed_at=NOW, sha256="0" * 64, task_id=TASK_ID),
            YESTERDAY: covered(YESTERDAY, size_bytes=7, landed_at=NOW, sha256="0" * 64, task_id=TASK_ID),
        }
        assert (told.totals.archived, told.totals.empty, told.totals.size_bytes, told.next_at_risk) == (1, 1, 7, None)

    def test_a_day_whose_manifest_is_damaged_has_failed_and_no_other(self, store: Store, log: io.StringIO) -> None:
        put_days(store, RECORDS, [LOST, YESTERDAY])
        store.replace(put_manifest(store, RECORDS, "day=2026-11-01"), b"\x00{")
        for _ in range(2):
            told = look(store)
            damaged = days_of(told, RECORDS)[date(2026, 11, 1)]
            assert (damaged.status, damaged.error) == ("failed", "ArchiveUnavailable")
            assert "restore the manifest's first version" in (damaged.what or "")
            assert days_of(told, RECORDS)[YESTERDAY].size_bytes == 100
            assert (told.unread, told.totals.archived, told.totals.failed) == (0, 2, 1)
        said = [json.loads(line) for line in log.getvalue().splitlines()]
        assert [(line["message"], line["key"][-19:]) for line in said] == [
            ("manifest not understood", "day=2026-11-01.json")
        ] * 2

    def test_what_is_not_read_now_is_read_next_time_the_newest_first(self, store: Store) -> None:
        days = [YESTERDAY - n * A_DAY for n in range(5)]
        put_days(store, RECORDS, days)
        put_days(store, FILTERED, days[:1])
        known: list[set[date]] = []
        for unread in (3, 1, 0, 0):
            told = look(store, most_manifests=2)
            assert told.unread == unread
            assert told.totals.archived == 5
            known.append({day for day, one in days_of(told, RECORDS).items() if one.size_bytes is not None})
        assert known == [set(days[:2]), set(days[:4]), set(days), set(days)]

    def test_nothing_is_begun_after_the_deadline(self, store: Store) -> None:
        put_days(store, RECORDS, [YESTERDAY])
        with pytest.raises(ArchiveUnavailable, match="No time was left") as caught:
            look(store, deadline=Deadline.after(-1))
        assert "Try again" in str(caught.value)
        told = look(store, deadline=Passing(0))
        assert (told.unread, told.totals.archived, told.totals.size_bytes) == (1, 1, 0)
        assert not told.cut_short

    def test_what_the_time_did_not_suffice_for_is_counted_and_told_apart_from_what_did_not_fit(
        self, store: Store
    ) -> None:
        many = [Series("desktops", f"p{number}") for number in range(70)]
        told = look(store, configured=many, deadline=Passing(0))
        assert (len(told.series), told.left_out, told.cut_short) == (64, 6, True)
        put_days(store, RECORDS, [YESTERDAY])
        put_days(store, SeriesName("q", "connection-records"), [YESTERDAY])
        crowded = look(store, most_days=1)
        assert (crowded.left_out, crowded.cut_short) == (1, False)

    def test_what_is_wanted_has_days_and_was_never_planned_is_counted(self, store: Store) -> None:
        planned = Series("connection-records", "a")
        new = [Series("connection-records", "b"), Series("user-usage", "b")]
        record_baseline(store, {planned: YESTERDAY})
        put_days(store, SeriesName("c", "connection-records"), [YESTERDAY])
        told = look(store, configured=[planned, *new, Series("desktops", "a")])
        assert (len(told.series), told.unplanned) == (5, 2)

    def test_archived_days_and_the_others_take_room_alike(self, store: Store) -> None:
        record_baseline(store, {Series("connection-records", "a"): YESTERDAY - 2 * A_DAY})
        for project in ("a", "b"):
            put_days(store, SeriesName(project, "connection-records"), [YESTERDAY])
        assert [look(store, most_days=most).left_out for most in (3, 4)] == [1, 0]

    def test_failures_are_told_of_the_days_that_are_not_archived(self, store: Store) -> None:
        record_baseline(store, {Series("connection-records", PROJECT_ID): LOST})
        put_days(store, RECORDS, [YESTERDAY])
        for day in (LOST - A_DAY, LOST, AT_RISK, RECENT, RECENT + A_DAY, YESTERDAY, NOW.date()):
            put_failure(store, RECORDS, day, what=f"{day} failed")
        store.replace(f"failures/kind=connection-records/project_id={PROJECT_ID}/day={RECENT}.json", b"{")
        told = days_of(look(store), RECORDS)
        assert {day: (one.status, one.what) for day, one in told.items() if one.what or one.status == "failed"} == {
            LOST - A_DAY: ("lost", f"{LOST - A_DAY} failed"),
            LOST: ("lost", f"{LOST} failed"),
            AT_RISK: ("at-risk", f"{AT_RISK} failed"),
            RECENT: ("failed", None),
            RECENT + A_DAY: ("failed", f"{RECENT + A_DAY} failed"),
        }
        few = days_of(look(store, most_failures=1), RECORDS)
        assert few[RECENT + A_DAY].what
        assert (few[LOST].status, few[LOST].what, few[RECENT].status) == ("lost", None, "failed")

    def test_storage_that_refuses_is_told(self, store: Store) -> None:
        put_days(store, RECORDS, [YESTERDAY])
        with pytest.raises(ArchiveUnavailable, match="no manifest today"):
            look(Refusing(store, "read", "manifests/", "no manifest today"))


@dataclass(frozen=True)
class Passing(Deadline):
    """There is time for one look at the clock."""

    left: list[float] = field(default_factory=lambda: [1.0])

    def remaining_seconds(self) -> float:
        return self.left.pop() if self.left else 0.0


class Refusing(Store):
    """The same archive, with one call refused below a prefix."""

    def __init__(self, store: Store, call: str, prefix: str, what: str) -> None:
        super().__init__(store.url, store._objects)
        self._refused, self._what = (call, prefix), what

    def _refuse(self, call: str, key: str) -> None:
        if self._refused[0] == call and key.startswith(self._refused[1]):
            raise ArchiveUnavailable(self._what)

    def read(self, key: str) -> bytes | None:
        self._refuse("read", key)
        return super().read(key)

    def replace(self, key: str, content: bytes, content_type: str | None = None) -> None:
        self._refuse("replace", key)
        super().replace(key, content, content_type)


class TestIndex:
    KEY = coverage_key(RECORDS, 2026)

    @pytest.fixture
    def known(self, store: Store) -> Coverage:
        put_days(store, RECORDS, [YESTERDAY - A_DAY, YESTERDAY])
        return look(store)

    def test_what_it_has_is_not_read_again_and_deleting_it_loses_nothing(self, known: Coverage, store: Store) -> None:
        assert look(store, most_manifests=0) == known
        store.delete(self.KEY)
        assert look(store, most_manifests=0).unread == 2
        assert look(store) == known

    def test_it_is_written_only_where_something_new_was_read(self, known: Coverage, store: Store) -> None:
        assert look(Refusing(store, "replace", "", "nothing is to be written")) == known

    def test_a_manifest_that_is_another_is_read_again(self, known: Coverage, store: Store) -> None:
        put_days(store, RECORDS, [YESTERDAY], size_bytes=8)
        assert look(store, most_manifests=0).unread == 1
        assert [one.size_bytes for one in days_of(look(store), RECORDS).values()] == [100, 8]
        assert look(store, most_manifests=0).unread == 0

    @pytest.mark.parametrize(
        "damage",
        [
            lambda _: b"",
            lambda _: b"\xff\x00",
            lambda _: b"[]",
            lambda content: content[: len(content) // 2],
            lambda content: content.replace(b'"schema_version":1', b'"schema_version":2'),
            lambda content: content.replace(b'"size_bytes":100', b'"size_bytes":"many"'),
        ],
        ids=["empty", "no text", "no object", "cut", "another version", "another type"],
    )
    def test_one_that_is_no_use_is_made_anew(
        self, damage: Callable[[bytes], bytes], known: Coverage, store: Store, log: io.StringIO
    ) -> None:
        whole = store.read(self.KEY) or b""
        store.replace(self.KEY, damage(whole))
        assert look(store, most_manifests=0).unread == 2
        assert "coverage index not understood" in log.getvalue()
        assert look(store) == known
        assert json.loads(store.read(self.KEY) or b"") == json.loads(whole)

    def test_of_two_writers_the_later_one_stays_and_nothing_wrong_is_said(self, known: Coverage, store: Store) -> None:
        earlier = store.read(self.KEY) or b""
        put_days(store, RECORDS, [YESTERDAY - 2 * A_DAY])
        whole = look(store)
        store.replace(self.KEY, earlier)
        assert look(store, most_manifests=0).unread == 1
        assert look(store) == whole

    def test_what_it_cannot_write_is_logged_and_told_all_the_same(self, store: Store, log: io.StringIO) -> None:
        put_days(store, RECORDS, [YESTERDAY])
        told = look(Refusing(store, "replace", "coverage/", "read-only"))
        assert days_of(told, RECORDS)[YESTERDAY].size_bytes == 100
        assert [json.loads(line)["message"] for line in log.getvalue().splitlines()] == ["coverage index not written"]

    def test_every_year_has_its_own_and_what_is_out_of_the_range_stays_in_it(self, store: Store) -> None:
        days = [date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1)]
        put_days(store, RECORDS, days[:1])
        look(store)
        put_days(store, RECORDS, days[1:])
        look(store, {"first_day": days[1]})
        before = {one.key: one.e_tag for one in store.objects("coverage/")}
        assert sorted(before) == [coverage_key(RECORDS, year) for year in (2025, 2026)]
        assert look(store, most_manifests=0).unread == 0
        put_days(store, RECORDS, [date(2026, 1, 2)])
        look(store)
        after = {one.key: one.e_tag for one in store.objects("coverage/")}
        assert {key for key in after if after[key] != before[key]} == {coverage_key(RECORDS, 2026)}

    def test_storage_without_etags_is_trusted_by_size_and_time(self, known: Coverage, store: Store) -> None:
        listed = StoredObject("manifests/x/day=2026-11-20.json", 1, NOW)
        index, content = CoverageIndex(RECORDS, {2026: {}}), store.read(next(store.keys("manifests/"))) or b""
        index.note(2026, listed, Manifest.model_validate_json(content))
        assert index.find(2026, listed)
        assert index.find(2026, StoredObject(listed.key, 2, NOW)) is None
        assert index.find(2026, StoredObject(listed.key, 1, NOW + A_DAY)) is None


class TestRoom:
    def test_series_beyond_what_fits_are_counted_and_the_first_is_always_shown(self, store: Store) -> None:
        for project in "abcd":
            put_days(store, SeriesName(project, "connection-records"), [YESTERDAY - n * A_DAY for n in range(3)])
        for most, shown in ((1, 1), (5, 1), (6, 2), (12, 4)):
            told = look(store, most_days=most)
            assert ([one.project_id for one in told.series], told.left_out) == (list("abcd")[:shown], 4 - shown)

    def test_a_project_without_a_day_in_the_range_takes_no_room(self, store: Store) -> None:
        put_days(store, SeriesName("a", "connection-records"), [date(2020, 1, 1)])
        put_days(store, SeriesName("b", "connection-records"), [YESTERDAY])
        told = look(store, most_days=1)
        assert ([one.project_id for one in told.series], told.left_out) == (["b"], 0)

    def test_series_without_days_fill_an_answer_too(self, store: Store) -> None:
        every = [Series("connection-records", f"p{number:04}") for number in range(MOST_SERIES + 2)]
        told = look(store, configured=every)
        assert (len(told.series), told.left_out) == (MOST_SERIES, 2)


class TestRecent:
    def test_a_value_is_kept_for_its_time_and_not_longer(self, clock: SettableClock) -> None:
        recent: TTLCache[str, int] = TTLCache(timedelta(minutes=1), most=2)
        recent.keep("a", 1)
        clock.advance(seconds=59)
        assert recent.find("a") == 1
        recent.keep("b", 2)
        clock.advance(seconds=1)
        assert (recent.find("a"), recent.find("b")) == (None, 2)

    def test_the_one_kept_first_makes_way(self, clock: SettableClock) -> None:
        recent: TTLCache[str, int] = TTLCache(timedelta(minutes=1), most=2)
        for key, value in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
            recent.keep(key, value)
        assert [recent.find(key) for key in "abc"] == [3, None, 4]


class TestHandler:
    @pytest.fixture(autouse=True)
    def forgets(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(show, "_shown", TTLCache(show.KEPT_FOR, most=4))

    def show(self, store: Store, request: CoverageRequest | None = None, **environment: str) -> Coverage:
        known = {"WORKSPACE_REGION": "eu-west-101", "ARCHIVE_URL": store.url, "HUAWEICLOUD_SDK_PROJECT_ID": PROJECT_ID}
        settings = ShowCoverageSettings.read(known | environment)
        return show.show_coverage(request or CoverageRequest(), settings, Deadline.after(60))

    def test_what_was_said_is_said_again_for_a_minute(self, store: Store, clock: SettableClock) -> None:
        put_days(store, RECORDS, [YESTERDAY])
        told = self.show(store)
        put_days(store, RECORDS, [LOST])
        clock.advance(seconds=59)
        assert self.show(store) == told
        clock.advance(seconds=1)
        assert list(days_of(self.show(store), RECORDS)) == [LOST, YESTERDAY]

    def test_another_request_archive_or_setting_is_looked_at_anew(self, store: Store, clock: SettableClock) -> None:
        record_baseline(store, {Series("connection-records", PROJECT_ID): RECENT})
        self.show(store)
        put_days(store, RECORDS, [YESTERDAY])
        assert YESTERDAY in days_of(self.show(store, CoverageRequest(kind="connection-records")), RECORDS)
        assert self.show(store, AT_RISK_DAYS="30").totals.at_risk
        assert self.show(open_store(f"memory:///coverage-{next(NUMBERS)}")).totals == Totals()

    def test_an_answer_that_leaves_something_to_read_is_not_the_last_word(
        self, store: Store, clock: SettableClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(show, "MOST_MANIFESTS", 1)
        put_days(store, RECORDS, [LOST, YESTERDAY])
        assert [self.show(store).unread for _ in range(3)] == [1, 0, 0]

    def test_the_largest_answer_is_one_a_function_may_return(self) -> None:
        longest = covered(YESTERDAY, size_bytes=10**9, landed_at=NOW, sha256="f" * 64, task_id="t" * 32)
        series = SeriesCoverage(kind="upgrade-strategies", project_id="p" * 64, filters="filters-" + "f" * 16, days=[])
        sizes = [
            len(json.dumps(one.model_dump_json(exclude_none=True) + ",")) * most
            for one, most in ((longest, show.MOST_DAYS), (series, 60))
        ]
        assert sum(sizes) < LARGEST_BODY_BYTES


@given(st.lists(st.sampled_from("abc"), max_size=8))
def test_the_totals_count_every_day_shown_once(projects: list[str]) -> None:
    store = open_store(f"memory:///coverage-{next(NUMBERS)}")
    for number, project in enumerate(projects):
        put_days(store, SeriesName(project, "connection-records"), [YESTERDAY - number * A_DAY])
        record_baseline(store, {Series("connection-records", project): LOST})
    told = look(store)
    statuses = Counter(day.status.name.lower() for one in told.series for day in one.days)
    assert told.totals.model_dump(exclude={"size_bytes"}) == {
        name: statuses[name] for name in Totals.model_fields if name != "size_bytes"
    }


def test_the_years_of_an_index_are_found_by_name() -> None:
    assert coverage_key(SeriesName("p", "users"), 99) == "coverage/kind=users/project_id=p/year=0099.json"
    assert coverage_key(FILTERED, 2026).endswith(f"year=2026{FILTERED.filters_name}.json")
