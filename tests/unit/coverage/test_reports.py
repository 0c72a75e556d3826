"""What came of a run: every planned export is counted once, by what the archive holds of it."""

import io
import json
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.report_archive.app import ReportArchiveSettings
from tests.support.builders.examples import NOW, PROJECT_ID, TASK_ID
from workspace_exports.archive.failures import Failure, write_failure
from workspace_exports.archive.layout import last_order_key, manifest_key, run_began_at
from workspace_exports.archive.manifests import Manifest, create_manifest
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import Rejected
from workspace_exports.coverage.baseline import planned_series, record_baseline
from workspace_exports.coverage.notification import MOST_NAMES, announce
from workspace_exports.coverage.outcomes import LONGEST_EXPORT, Ending, PlannedOutcome, tally
from workspace_exports.coverage.plans import PlannedExport, execution_name, write_plan
from workspace_exports.coverage.report import report_archive
from workspace_exports.coverage.reports import (
    FailedDay,
    MissingDay,
    NotedDay,
    Report,
    ReportRequest,
    RunStatus,
    last_reported_run,
    read_report,
)
from workspace_exports.coverage.standing import Judgement
from workspace_exports.coverage.survey import Missing, read_traces, survey
from workspace_exports.coverage.targets import Series
from workspace_exports.orders import OrderRecord
from workspace_exports.storage.store import Store, open_store

RUN = "2026-11-22T043000Z-0a1b2c3d"
REQUEST = ReportRequest(run=RUN, correlation_id="run-1")
RECORDS = Series("connection-records", PROJECT_ID)
DAY = date(2026, 11, 20)
A_SECOND = timedelta(seconds=1)
LATER = NOW + timedelta(hours=1)
NUMBERS = count()


@pytest.fixture
def store() -> Store:
    return open_store(f"memory:///reports-{next(NUMBERS)}")


def planned(day: date = DAY, series: Series = RECORDS) -> PlannedExport:
    return PlannedExport(name=execution_name(series, day, NOW.date()), export=series.of(day))


PLANNED = planned()


def find_missing(store: Store, series: list[Series], kept_days: int = 0) -> Missing:
    return survey(store, series, Judgement(NOW, 7, kept_days), 10_000).missing


def manifest(item: PlannedExport = PLANNED, **changes: Any) -> Manifest:
    example = {
        "kind": item.export.kind,
        "project_id": item.export.project_id,
        "window": {"day": item.export.day},
        "filters": item.export.filters,
        "outcome": "landed",
        "task_id": TASK_ID,
        "file_name": "records.xlsx",
        "key": "data/some.xlsx",
        "size_bytes": 1,
        "sha256": "0" * 64,
        "format": "xlsx",
        "ordered_at": NOW,
        "landed_at": LATER,
        "vendor_request_ids": {},
    }
    return Manifest.model_validate(example | changes)


def failure(at: datetime = LATER, **changes: Any) -> Failure:
    example = {"error": "TaskFailed", "what": "The vendor ended the task with FAIL", "advice": "Ask the vendor."}
    return Failure.model_validate(example | {"vendor_code": "WKS.1", "vendor_reason": "full", "at": at} | changes)


def order(at: datetime = NOW, item: PlannedExport = PLANNED) -> OrderRecord:
    return OrderRecord(**item.placed(at).model_dump(), nonce="1", task_id=TASK_ID)


class TestEnding:
    @pytest.mark.parametrize(
        ("trace", "ending"),
        [
            (PlannedOutcome(planned(), manifest()), Ending.LANDED),
            (PlannedOutcome(planned(), manifest(landed_at=NOW)), Ending.LANDED),
            (PlannedOutcome(planned(), manifest(landed_at=NOW - A_SECOND)), Ending.ALREADY_THERE),
            (PlannedOutcome(planned(), manifest(outcome="empty", key=None)), Ending.EMPTY),
            (
                PlannedOutcome(planned(), manifest(outcome="empty", key=None, landed_at=NOW - A_SECOND)),
                Ending.ALREADY_THERE,
            ),
            (PlannedOutcome(planned(), manifest(), failure(), order()), Ending.LANDED),
            (PlannedOutcome(planned(), None, failure()), Ending.FAILED),
            (PlannedOutcome(planned(), None, failure(), order()), Ending.FAILED),
            (PlannedOutcome(planned(), None, failure(NOW), order(NOW)), Ending.FAILED),
            (PlannedOutcome(planned(), None, failure(NOW - A_SECOND), order()), Ending.UNDER_WAY),
            (PlannedOutcome(planned(), None, None, order()), Ending.UNDER_WAY),
            (PlannedOutcome(planned(), None, None, order(LATER - LONGEST_EXPORT)), Ending.UNDER_WAY),
            (PlannedOutcome(planned(), None, None, order(LATER - LONGEST_EXPORT - A_SECOND)), Ending.FAILED),
            (PlannedOutcome(planned()), Ending.FAILED),
        ],
    )
    def test_the_manifest_decides_then_what_was_noted_last(self, trace: PlannedOutcome, ending: Ending) -> None:
        assert trace.ending(NOW, LATER) is ending

    def test_a_failure_is_told_with_the_vendors_words(self) -> None:
        why = PlannedOutcome(planned(), None, failure(task_id=TASK_ID)).why
        assert (why.day, why.kind, why.project_id) == (DAY, "connection-records", PROJECT_ID)
        assert (why.vendor_code, why.vendor_reason, why.task_id) == ("WKS.1", "full", TASK_ID)
        assert str(why) == (
            f"2026-11-20 connection-records of {PROJECT_ID}: TaskFailed: The vendor ended the task with FAIL "
            "(WKS.1: full) Ask the vendor."
        )

    def test_a_record_that_names_another_export_does_not_rename_the_day(self) -> None:
        why = PlannedOutcome(planned(), None, failure(kind="users", project_id="other")).why
        assert (why.kind, why.project_id) == ("connection-records", PROJECT_ID)

    def test_an_unrecorded_failure_points_to_its_execution(self) -> None:
        why = PlannedOutcome(planned()).why
        assert (why.error, why.execution) == ("Unknown", planned().name)


TRACES = st.lists(
    st.builds(
        PlannedOutcome,
        st.integers(0, 25).map(lambda n: planned(DAY - timedelta(days=n))),
        st.sampled_from([None, manifest(), manifest(landed_at=NOW - A_SECOND), manifest(outcome="empty", key=None)]),
        st.sampled_from([None, failure(), failure(NOW - A_SECOND)]),
        st.sampled_from([None, order(), order(NOW - LONGEST_EXPORT)]),
    )
)


@given(TRACES)
def test_every_planned_export_is_counted_once(traces: list[PlannedOutcome]) -> None:
    report = tally(traces, NOW, LATER).report(REQUEST, LATER, at_risk=[], lost=[])
    parts = (report.landed, report.already_there, report.empty, report.under_way, report.failed)
    assert report.planned == sum(parts) == len(traces)
    assert len(report.failures) == report.failed
    assert report.is_complete == all(trace.manifest for trace in traces)
    assert report.is_complete == (report.status is RunStatus.COMPLETE)


def report(**changes: Any) -> Report:
    empty = tally([], NOW, LATER).report(REQUEST, LATER, at_risk=[], lost=[])
    return empty.model_copy(update=changes)


def missing(days: int) -> list[MissingDay]:
    return [
        MissingDay(kind="connection-records", project_id=PROJECT_ID, day=DAY - timedelta(days=n)) for n in range(days)
    ]


def failed(days: int, **changes: Any) -> list[FailedDay]:
    traces = [PlannedOutcome(planned(DAY - timedelta(days=n)), None, failure(**changes)) for n in range(days)]
    return [trace.why for trace in traces]


class TestAnnouncement:
    @pytest.mark.parametrize(
        ("changes", "subject", "status"),
        [
            ({}, "Archive run: nothing was missing", "complete"),
            ({"planned": 6, "landed": 5, "empty": 1}, "Archive run: 6 of 6 archived", "complete"),
            (
                {"planned": 6, "landed": 4, "failed": 1, "under_way": 1, "is_complete": False},
                "Archive run: 4 of 6 archived, 1 failed, 1 under way",
                "failed",
            ),
            (
                {"planned": 6, "already_there": 5, "under_way": 1, "is_complete": False},
                "Archive run: 5 of 6 archived, 1 under way",
                "under-way",
            ),
            ({"at_risk": 2, "lost": 3}, "Archive run: nothing was missing, 2 at risk, 3 lost", "complete"),
        ],
    )
    def test_the_subject_says_it_all(self, changes: dict[str, Any], subject: str, status: str) -> None:
        told = announce(report(**changes), "s3://bucket/report.json")
        assert (told.subject, told.status) == (subject, status)

    def test_the_text_names_every_sort_and_where_the_rest_is(self) -> None:
        told = announce(
            report(
                planned=1,
                failed=1,
                failures=failed(1),
                at_risk=1,
                lost=2,
                days_at_risk=missing(1),
                days_lost=missing(2),
            ),
            "s3://bucket/report.json",
        )
        assert told.text == (
            f"Run {RUN}: 1 planned, 0 landed, 0 already there, 0 empty, 0 under way, 1 failed; 1 at risk, 2 lost.\n"
            "\n"
            "Failed; the next day's run orders them again:\n"
            f"- {failed(1)[0]}\n"
            "\n"
            "Missing, and soon beyond the vendor's reach:\n"
            f"- 2026-11-20 connection-records of {PROJECT_ID}\n"
            "\n"
            "Lost; the vendor no longer has them:\n"
            f"- 2026-11-20 connection-records of {PROJECT_ID}\n"
            f"- 2026-11-19 connection-records of {PROJECT_ID}\n"
            "\n"
            "The whole report: s3://bucket/report.json"
        )

    def test_the_page_is_named_last(self) -> None:
        told = announce(report(), "s3://bucket/report.json", "s3://bucket/coverage.html")
        assert told.text.endswith(
            "\n\nThe whole report: s3://bucket/report.json\nThe coverage page: s3://bucket/coverage.html"
        )

    def test_what_was_lost_last_is_named_first(self) -> None:
        told = announce(report(lost=40, days_lost=missing(40)[::-1]), "s3://b")
        assert [lost.day for lost in told.report.days_lost] == [DAY - timedelta(days=n) for n in range(MOST_NAMES)]

    def test_what_is_left_to_the_next_run_is_told_and_keeps_this_one_from_being_complete(self) -> None:
        whole = tally([], NOW, LATER).report(REQUEST.model_copy(update={"postponed": 7}), LATER, at_risk=[], lost=[])
        assert (whole.is_complete, whole.status) == (False, RunStatus.UNDER_WAY)
        assert "7 postponed" in announce(whole, "s3://b").subject

    def test_however_much_went_wrong_a_state_and_a_message_can_carry_it(self) -> None:
        long = "x" * 30_000
        many = failed(1000, what=long, vendor_reason=long, advice=long)
        told = announce(
            report(failed=1000, failures=many, lost=1000, days_lost=missing(1000), days_at_risk=missing(1000)), "s3://b"
        )
        assert len(told.model_dump_json()) < 100 * 1024
        assert told.report.failed == told.report.lost == 1000
        assert len(told.report.failures) == len(told.report.days_lost) == len(told.report.days_at_risk) == MOST_NAMES
        assert told.text.count(f"- and {1000 - MOST_NAMES} more") == 3

    @pytest.mark.parametrize("letter", ["x", "\u6863", "\U0001f4be", '"', "\\"], ids=ascii)
    @pytest.mark.parametrize("length", [300, 30_000])
    def test_it_fits_wherever_aws_takes_it(self, letter: str, length: int) -> None:
        """The limits that AWS documents for what the workflow does with an announcement."""
        told = announce(whole_day_gone_wrong(letter * length), f"s3://b/{'r' * 900}", f"s3://b/{'p' * 900}")
        state = told.model_dump(mode="json")
        assert size(state) <= 256 * 1024, "a state's input and output"
        assert size(told.text) + size({"status": told.status}) <= 256 * 1024, "SNS: a message with its attributes"
        assert size({"status": told.status, "report": state["report"]}) + 100 <= 256 * 1024, "EventBridge: an entry"
        assert len(told.text) <= 32_768, "Step Functions: the cause of a failed execution"
        assert told.text.endswith("\nThe coverage page: s3://b/" + "p" * 900)

    @pytest.mark.parametrize("each", [0, 9, 1_234, 99_999, 10**12])
    def test_however_many_there_are_the_subject_is_one_that_sns_takes(self, each: int) -> None:
        """SNS asks for less than 100 characters of ASCII, none for control, the first no blank."""
        names = ("planned", "landed", "failed", "under_way", "at_risk", "lost", "postponed")
        subject = announce(report(**dict.fromkeys(names, each)), "s3://b").subject
        assert 0 < len(subject) < 100
        assert re.fullmatch(r"[!-~][ -~]*", subject)
        assert each > 99_999 or not each or subject.endswith(f" {each} at risk, {each} lost")


def whole_day_gone_wrong(text: str) -> Report:
    """A thousand days of each sort, every word that others chose replaced by a text."""
    failures = failed(1000, what=text, vendor_reason=text, advice=text)
    noted = [NotedDay(**day.model_dump(), note=text) for day in missing(1000)]
    lists = {"days_lost": missing(1000), "days_at_risk": missing(1000), "days_noted": noted}
    return report(failed=1000, failures=failures, lost=1000, at_risk=1000, **lists)


def size(value: object) -> int:
    """The bytes of a value as JSON."""
    return len(json.dumps(value, ensure_ascii=False).encode())


class TestReading:
    def test_each_export_is_found_by_what_the_archive_holds(self, store: Store) -> None:
        items = [planned(DAY - timedelta(days=n)) for n in range(4)]
        write_plan(store, RUN, items)
        landed, ordered, refused, _ = (item.placed(NOW) for item in items)
        create_manifest(store, manifest_key(landed), manifest(items[0]))
        store.replace(last_order_key(ordered), order(item=items[1]).model_dump_json().encode())
        write_failure(store, refused, failure())
        endings = Counter(trace.ending(NOW, LATER) for trace in read_traces(store, RUN, NOW))
        assert endings == {Ending.LANDED: 1, Ending.UNDER_WAY: 1, Ending.FAILED: 2}

    def test_a_day_that_had_not_settled_is_found_by_its_order(self, store: Store) -> None:
        """Only the order says when it was made, and with that the manifest's key."""
        item = planned(NOW.date() - timedelta(days=1))
        began_at = NOW.replace(hour=1)
        made = order(began_at + timedelta(minutes=5), item)
        write_plan(store, RUN, [item])
        store.replace(last_order_key(made), made.model_dump_json().encode())
        (trace,) = read_traces(store, RUN, began_at)
        assert trace.ending(began_at, LATER) is Ending.UNDER_WAY
        create_manifest(store, manifest_key(made), manifest(item))
        (trace,) = read_traces(store, RUN, began_at)
        assert trace.ending(began_at, LATER) is Ending.LANDED

    def test_a_day_that_has_settled_is_not_there_because_of_what_was_archived_early(self, store: Store) -> None:
        item = planned(NOW.date() - timedelta(days=1))
        early = order(NOW.replace(hour=1), item)
        store.replace(last_order_key(early), early.model_dump_json().encode())
        create_manifest(store, manifest_key(early), manifest(item))
        began_at = NOW + timedelta(days=5)
        write_plan(store, RUN, [item])
        (trace,) = read_traces(store, RUN, began_at)
        assert trace.ending(began_at, began_at + timedelta(hours=1)) is Ending.FAILED

    def test_days_in_danger_are_those_of_the_series_and_its_filters(self, store: Store) -> None:
        filtered = Series("connection-records", PROJECT_ID, {"terminal_type": "Windows 10"})
        record_baseline(store, {filtered: NOW.date() - timedelta(days=40)})
        assert find_missing(store, [Series("user-usage", "never-planned")]) == Missing(0, [], [])
        found = find_missing(store, [filtered])
        assert found.reachable == len(range(1, 30)), "from yesterday back to the last day that the vendor has"
        soon_lost, before = ([day.day for day in days] for days in (found.at_risk, found.lost))
        assert soon_lost == [NOW.date() - timedelta(days=n) for n in range(29, 22, -1)]
        assert before == [NOW.date() - timedelta(days=n) for n in range(40, 29, -1)]
        item = planned(before[0], filtered)
        create_manifest(store, manifest_key(item.placed(NOW)), manifest(item))
        create_manifest(store, manifest_key(planned(before[1]).placed(NOW)), manifest(planned(before[1])))
        assert [day.day for day in find_missing(store, [filtered]).lost] == before[1:]
        missing = find_missing(store, [filtered])
        for days, newly in ((30, 10), (3, 3), (0, 0)):
            assert missing.lost_since(NOW - timedelta(days=days)) == newly
        assert missing.lost_since(None) == len(missing.lost) == 10
        kept = find_missing(store, [filtered], kept_days=35).lost
        assert [day.day for day in kept] == [NOW.date() - timedelta(days=n) for n in range(35, 29, -1)]

    def test_the_last_run_that_has_reported_is_found_among_those_that_have_not(self, store: Store) -> None:
        this = "2026-11-22T043000Z-0a0a0a0a"
        assert last_reported_run(store, this) is None
        for key in ("2026-11-19T043000Z-0a/report", "2026-11-20T043000Z-0b/report", "2026-11-21T043000Z-0c/plan"):
            store.replace(f"runs/{key}.json", b"{}")
        for name in (this, "2026-11-23T043000Z-0d", "last"):
            store.replace(f"runs/{name}/report.json", b"{}")
        assert last_reported_run(store, this) == datetime(2026, 11, 20, 4, 30, tzinfo=UTC)

    def test_all_planned_kinds_are_watched_but_those_of_a_later_version(self, store: Store) -> None:
        record_baseline(store, {RECORDS: DAY, Series("user-usage", PROJECT_ID, {"username": "somebody"}): DAY})
        store.create("since/kind=dreams/project_id=1.json", b"{}")
        store.create("since/notes.txt", b"")
        assert planned_series(store) == [RECORDS]


class TestHandler:
    def settings(self, store: Store, **environment: str) -> ReportArchiveSettings:
        return ReportArchiveSettings.read({"WORKSPACE_REGION": "eu-west-101", "ARCHIVE_URL": store.url} | environment)

    def test_the_name_of_the_run_is_enough_and_the_report_is_kept(self, store: Store) -> None:
        write_plan(store, RUN, [planned()])
        told = report_archive(ReportRequest(run=RUN), self.settings(store), Deadline.after(60))
        assert Report.model_validate_json(told.report.model_dump_json()) == read_report(store, RUN)
        assert told.report.failed == 1
        assert f"{store.url}/runs/{RUN}/report.json" in told.text
        assert read_report(store, "another") is None

    def test_the_page_has_what_the_archive_has(self, store: Store) -> None:
        write_plan(store, RUN, [planned()])
        create_manifest(store, manifest_key(planned().placed(NOW)), manifest(sha256="f" * 64))
        told = report_archive(ReportRequest(run=RUN), self.settings(store), Deadline.after(600))
        assert told.text.endswith(f"\nThe coverage page: {store.url}/coverage.html")
        page = (store.read("coverage.html") or b"").decode()
        assert PROJECT_ID in page
        assert "connection-records" in page

    def test_where_there_is_no_time_left_the_page_before_stays(self, store: Store, log: io.StringIO) -> None:
        write_plan(store, RUN, [planned()])
        create_manifest(store, manifest_key(planned().placed(NOW)), manifest())
        store.replace("coverage.html", b"yesterday's")
        told = report_archive(ReportRequest(run=RUN), self.settings(store), Deadline.after(30))
        assert (told.report.landed, "coverage page:" in told.text) == (1, False)
        assert store.read("coverage.html") == b"yesterday's"
        assert "coverage page not written" in log.getvalue()

    def test_a_name_no_run_has_is_refused(self, store: Store) -> None:
        for run in ("yesterday", "2026-11-22T043000Z", "2026-22-11T043000Z-0a"):
            with pytest.raises(Rejected, match="run must be a name such as 2026"):
                run_began_at(run)
        assert run_began_at(RUN) == NOW

    @pytest.mark.parametrize(
        ("environment", "projects"),
        [
            ({}, {"looked-up"}),
            ({"HUAWEICLOUD_SDK_PROJECT_ID": "the-one"}, {"the-one"}),
            ({"HUAWEICLOUD_SDK_PROJECT_ID": "the-one", "ARCHIVE_TARGETS": "true"}, {"first", "second"}),
        ],
    )
    def test_it_watches_what_the_plan_would(
        self, environment: dict[str, str], projects: set[str], store: Store
    ) -> None:
        record_baseline(store, {Series("connection-records", "looked-up"): DAY})
        if "ARCHIVE_TARGETS" in environment:
            targets = [{"project_id": "first"}, {"project_id": "second", "kinds": ["user-usage"]}]
            store.create("targets.json", json.dumps({"targets": targets}).encode())
        assert {one.project_id for one in self.settings(store, **environment).series()} == projects
