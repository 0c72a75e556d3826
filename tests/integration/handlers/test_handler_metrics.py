"""Each metric from the function that emits it, as CloudWatch reads it off the function's output."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from functions.fetch_file import app as fetch_file
from functions.poll_status import app as poll_status
from functions.record_failure import app as record_failure
from functions.report_archive import app as report_archive
from local.faults.connections import LOSE_ANSWER
from local.standin.faults.answers import html_page, server_error, throttled
from local.standin.faults.fates import fails, never_finishes
from local.standin.server import VendorStandIn
from tests.support.builders.http_events import http_event
from tests.support.builders.requests import DAY, HOUR_AGO, LONG_AGO, RECORDS
from tests.support.checks.emf import Metric, metrics
from tests.support.checks.leaks import FILTER_CANARY, leaks
from tests.support.commands import run, without_waits
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import CONTEXT
from workspace_exports.core.errors import ArchiveUnavailable, BadFile, Throttled, VendorUnavailable

KIND = RECORDS["kind"]
Count = Callable[[], list[Metric]]

pytestmark = pytest.mark.parametrize("archive_url", ["folder"], indirect=True)


@pytest.fixture
def counted(capsys: pytest.CaptureFixture[str]) -> Count:
    """The metrics since it was asked last."""
    return lambda: metrics(capsys.readouterr().out)


def of(name: str, value: float = 1, unit: str = "Count", kind: str | None = KIND) -> list[Metric]:
    """A metric by stack and, where there is a kind, by stack and kind."""
    by_kind = [Metric(name, value, unit, {"Stack": "local", "Kind": kind})] if kind else []
    return [Metric(name, value, unit, {"Stack": "local"}), *by_kind]


def values(found: list[Metric]) -> dict[str, float]:
    return {one.name: one.value for one in found if "Kind" not in one.dimensions}


class TestOrders:
    def test_a_new_order_is_counted_and_one_taken_over_is_not(self, start: Call, counted: Count) -> None:
        start(**RECORDS)
        assert counted() == of("ExportsOrdered")
        start(**RECORDS)
        assert counted() == []

    def test_an_order_whose_answer_was_lost_is_counted_once_it_is_found(
        self, vendor: VendorStandIn, start: Call, counted: Count
    ) -> None:
        vendor.script(KIND, LOSE_ANSWER)
        vendor.script("list", server_error(503))
        with pytest.raises(VendorUnavailable):
            start(**RECORDS)
        assert counted() == []
        start(**RECORDS)
        assert counted() == of("ExportsOrdered")

    def test_a_start_that_was_throttled_ordered_nothing(
        self, vendor: VendorStandIn, start: Call, counted: Count
    ) -> None:
        vendor.script(KIND, throttled())
        with pytest.raises(Throttled):
            start(**RECORDS)
        assert counted() == of("VendorThrottled")

    def test_what_is_archived_is_not_ordered(self, start: Call, poll: Call, fetch: Call, counted: Count) -> None:
        fetch(**poll(**start(**RECORDS)))
        counted()
        start(**RECORDS)
        assert counted() == []


class TestLooks:
    def test_a_look_that_sees_the_end_says_how_long_it_took(self, start: Call, poll: Call, counted: Count) -> None:
        ordered = start(**RECORDS)
        counted()
        poll(**ordered)
        found = counted()
        assert [one.name for one in found if "Kind" in one.dimensions] == ["Looks", "TaskSeconds"]
        (took,) = {(one.value, one.unit) for one in found if one.name == "TaskSeconds"}
        assert 0 <= took[0] < 60
        assert took[1] == "Seconds"

    def test_a_task_that_failed_has_ended_too(
        self, vendor: VendorStandIn, start: Call, poll: Call, counted: Count
    ) -> None:
        vendor.script(KIND, fails("no"))
        ordered = start(**RECORDS)
        counted()
        poll(**ordered)
        assert values(counted()).keys() == {"Looks", "TaskSeconds"}

    def test_a_task_that_is_being_made_has_not_ended(
        self, vendor: VendorStandIn, start: Call, poll: Call, counted: Count
    ) -> None:
        vendor.script(KIND, never_finishes())
        ordered = start(**RECORDS)
        counted()
        poll(**ordered)
        assert counted() == of("Looks")

    @pytest.mark.parametrize("unwatched", [{"adopted_at": HOUR_AGO}, {"ordered_at": LONG_AGO}], ids=["adopted", "old"])
    def test_the_duration_is_unknown_without_a_status_check(
        self, unwatched: dict[str, str], start: Call, poll: Call, counted: Count
    ) -> None:
        ordered = start(**RECORDS)
        counted()
        poll(**ordered | unwatched)
        assert counted() == of("Looks")

    def test_a_look_that_came_to_nothing_is_none(
        self, vendor: VendorStandIn, start: Call, poll: Call, counted: Count
    ) -> None:
        ordered = start(**RECORDS)
        counted()
        vendor.script("list", throttled())
        with pytest.raises(Throttled):
            poll(**ordered)
        assert counted() == of("VendorThrottled")

    def test_a_look_over_http_is_counted_and_so_is_one_that_was_throttled(
        self, vendor: VendorStandIn, start: Call, counted: Count
    ) -> None:
        event = http_event("GET", f"/exports/{start(**RECORDS)['task_id']}")
        counted()
        assert poll_status.handler(event, CONTEXT)["statusCode"] == 200
        assert values(counted()).keys() == {"Looks", "TaskSeconds"}
        vendor.script("list", throttled())
        assert poll_status.handler(event, CONTEXT)["statusCode"] == 503
        assert counted() == of("VendorThrottled")


class TestFiles:
    def test_a_file_that_lands_is_counted_with_its_bytes_and_once(
        self, start: Call, poll: Call, fetch: Call, counted: Count
    ) -> None:
        looked = poll(**start(**RECORDS))
        counted()
        size_bytes = fetch(**looked)["archived"]["size_bytes"]
        landed, found = of("ExportsLanded"), of("BytesLanded", size_bytes, "Bytes")
        assert sorted(counted(), key=str) == sorted([*landed, *found], key=str)
        fetch(**looked)
        assert counted() == []

    def test_an_empty_export_is_counted_apart(self, start_empty: Call, poll: Call, fetch: Call, counted: Count) -> None:
        looked = poll(**start_empty(**RECORDS))
        counted()
        assert fetch(**looked)["archived"]["outcome"] == "empty"
        assert counted() == of("ExportsEmpty")

    def test_a_bad_file_is_none(
        self, vendor: VendorStandIn, start: Call, poll: Call, fetch: Call, counted: Count
    ) -> None:
        looked = poll(**start(**RECORDS))
        counted()
        vendor.script("download", html_page(200))
        with pytest.raises(BadFile):
            fetch(**looked)
        assert counted() == []

    def test_a_file_brought_in_over_http_is_counted(self, start: Call, counted: Count) -> None:
        event = http_event("POST", f"/exports/{start(**RECORDS)['task_id']}/file")
        counted()
        assert fetch_file.handler(event, CONTEXT)["statusCode"] == 200
        assert values(counted()).keys() == {"ExportsLanded", "BytesLanded"}


@pytest.mark.usefixtures("environment")
class TestFailures:
    @pytest.mark.parametrize(
        ("request_", "kind"),
        [(RECORDS, KIND), (RECORDS | {"colour": "red"}, None), ({"kind": "made-up"}, None), ("no", None)],
        ids=["understood", "unknown-field", "unknown-kind", "no-object"],
    )
    def test_a_failure_is_counted_for_every_request(self, request_: object, kind: str | None, counted: Count) -> None:
        failure = {"Error": "TaskFailed", "Cause": "No. [kind=made-up]"}
        record_failure.handler({"request": request_, "state": {"failure": failure}}, CONTEXT)
        assert counted() == of("ExportsFailed", kind=kind)

    def test_a_failure_that_cannot_be_kept_is_counted(self, tmp_path: Path, counted: Count, log: io.StringIO) -> None:
        (tmp_path / "failures").write_text("in the way")
        record_failure.handler({"request": RECORDS, "state": {"failure": {"Error": "TaskFailed"}}}, CONTEXT)
        assert "failure not recorded" in log.getvalue()
        assert values(counted()) == {"ExportsFailed": 1}


class TestDays:
    def test_what_is_missing_at_risk_and_lost_is_told(self, plan: Call, counted: Count) -> None:
        run = plan(kinds=["connection-records"])
        counted()
        report = report_archive.handler(run, CONTEXT)["report"]
        found = counted()
        assert {tuple(one.dimensions) for one in found} == {("Stack",)}
        assert values(found) == {
            "DaysMissing": run["planned"],
            "DaysAtRisk": report["at_risk"],
            "DaysLost": 0,
            "DaysNewlyLost": 0,
        }
        assert report["at_risk"]

    def test_nothing_missing_is_told_as_zero(
        self, plan: Call, start: Call, poll: Call, fetch: Call, counted: Count
    ) -> None:
        """No plan without a range has said since when the archive is to be complete."""
        run = plan(kinds=["connection-records"], first_day=DAY, last_day=DAY)
        fetch(**poll(**start(**RECORDS)))
        counted()
        report_archive.handler(run, CONTEXT)
        assert values(counted()) == {"DaysMissing": 0, "DaysAtRisk": 0, "DaysLost": 0, "DaysNewlyLost": 0}

    def test_an_alarm_hears_of_them_even_if_the_report_cannot_be_kept(
        self, plan: Call, tmp_path: Path, counted: Count
    ) -> None:
        run = plan(kinds=["connection-records"])
        counted()
        (tmp_path / "runs" / run["run"] / "report.json" / "in the way").mkdir(parents=True)
        with pytest.raises(ArchiveUnavailable):
            report_archive.handler(run, CONTEXT)
        assert values(counted()).keys() == {"DaysMissing", "DaysAtRisk", "DaysLost", "DaysNewlyLost"}


def test_no_project_no_filter_and_no_name_of_a_call_is_in_a_metric(
    start: Call, poll: Call, fetch: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    request = RECORDS | {"filters": {"user_name": FILTER_CANARY}, "correlation_id": "my-own-word"}
    ordered = start(**request)
    fetch(**poll(**ordered))
    written = [line for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    assert len(written) == 3
    text = "\n".join(written)
    assert [word for word in ("my-own-word", ordered["project_id"], ordered["task_id"], DAY) if word in text] == []
    assert leaks(text) == []


def test_an_export_from_a_terminal_writes_no_metrics(
    environment: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("HOME", str(tmp_path / "home"))
    without_waits(environment)
    assert run("export", KIND, "--day", DAY, "--archive", str(tmp_path / "to")) == 0
    shown = capsys.readouterr()
    assert "landed" in shown.out
    assert "_aws" not in shown.out + shown.err
