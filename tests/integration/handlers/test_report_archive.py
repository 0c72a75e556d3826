"""report-archive through its handler, after runs through the others', on a folder and on S3."""

import io
from pathlib import Path
from typing import Any

import pytest

from functions.report_archive import app as report_archive
from local.standin.accounts import DEMO_PROJECT_ID
from tests.support.builders.requests import LAST_DAY, RANGE
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import CONTEXT, lambda_context
from workspace_exports.core.errors import ArchiveUnavailable, Rejected
from workspace_exports.coverage.plans import read_plan
from workspace_exports.coverage.reports import read_report
from workspace_exports.storage.store import Store

WITH_TIME = lambda_context(600)


def report(run: dict[str, Any]) -> dict[str, Any]:
    return report_archive.handler(run, CONTEXT)


def test_it_tells_what_was_exported_from_what_was_not(
    plan: Call, start: Call, poll: Call, fetch: Call, store: Store
) -> None:
    run = plan(**RANGE)
    exported, ordered, _ = (
        item.export.model_dump(mode="json", exclude_none=True) for item in read_plan(store, run["run"])
    )
    fetch(**poll(**start(**exported)))
    start(**ordered)
    told = report(run)
    assert told["status"] == "failed"
    counts = {name: told["report"][name] for name in ("planned", "landed", "under_way", "failed", "empty")}
    assert counts == {"planned": 3, "landed": 1, "under_way": 1, "failed": 1, "empty": 0}
    assert [failure["day"] for failure in told["report"]["failures"]] == [str(LAST_DAY)]
    kept = read_report(store, run["run"])
    assert kept
    assert kept.model_dump(mode="json", exclude_none=True) == told["report"]


def test_a_run_that_found_nothing_missing_says_so(plan: Call, start: Call, poll: Call, fetch: Call) -> None:
    day = {"kind": "connection-records", "day": str(LAST_DAY)}
    fetch(**poll(**start(**day)))
    told = report(plan(**RANGE | {"first_day": str(LAST_DAY)}))
    assert (told["status"], told["subject"]) == ("complete", "Archive run: nothing was missing")


def test_what_is_missing_from_the_first_plan_on_is_watched(plan: Call, store: Store) -> None:
    run = plan(kinds=["connection-records"])
    at_risk = report(run)["report"]["days_at_risk"]
    assert 6 <= len(at_risk) <= 7
    assert {(day["kind"], day["project_id"]) for day in at_risk} == {("connection-records", DEMO_PROJECT_ID)}


@pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
def test_a_page_that_cannot_be_written_is_no_reason_to_fail(
    plan: Call, tmp_path: Path, store: Store, log: io.StringIO
) -> None:
    (tmp_path / "coverage.html" / "in the way").mkdir(parents=True)
    run = plan(**RANGE)
    told = report_archive.handler(run, WITH_TIME)
    assert (told["report"]["failed"], "coverage page" in told["text"]) == (3, False)
    assert read_report(store, run["run"])
    assert "coverage page not written" in log.getvalue()


@pytest.mark.usefixtures("environment")
def test_a_run_without_a_plan_cannot_be_reported() -> None:
    with pytest.raises(ArchiveUnavailable):
        report({"run": "2026-11-22T043000Z-00000000"})
    with pytest.raises(Rejected, match="run must be a name such as"):
        report({"run": "today"})
