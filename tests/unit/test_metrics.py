"""What is counted, how it is written, and what is never written."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.support.builders.entry_points import REQUEST, failing, serving
from tests.support.builders.http_events import http_event
from tests.support.checks import lambda_log
from tests.support.checks.emf import Metric, metrics
from tests.support.lambda_context import CONTEXT
from workspace_exports import metrics as counted
from workspace_exports.core.errors import Throttled, VendorUnavailable
from workspace_exports.events import Archived, Outcome

Capture = pytest.CaptureFixture[str]
Environment = pytest.MonkeyPatch
KIND = "connection-records"


def test_a_count_stands_for_the_stack_and_for_the_kind(capsys: Capture) -> None:
    with counted.collecting("WorkspaceExports", "prod"):
        counted.count_order(KIND)
        assert capsys.readouterr().out == ""
    assert metrics(capsys.readouterr().out) == [
        Metric("ExportsOrdered", 1, dimensions={"Stack": "prod"}),
        Metric("ExportsOrdered", 1, dimensions={"Stack": "prod", "Kind": KIND}),
    ]


def test_a_block_in_which_nothing_happened_writes_nothing(capsys: Capture) -> None:
    with counted.collecting("WorkspaceExports", "local"):
        pass
    assert capsys.readouterr().out == ""


def test_what_is_noted_outside_of_a_block_is_dropped(capsys: Capture) -> None:
    counted.count_status_check(KIND)
    with counted.collecting("WorkspaceExports", "local"):
        counted.record_task_end(KIND, timedelta(seconds=90))
    counted.count_status_check(KIND)
    assert {(one.name, one.value, one.unit) for one in metrics(capsys.readouterr().out)} == {
        ("TaskSeconds", 90, "Seconds")
    }


@pytest.mark.parametrize("level", lambda_log.LEVELS)
def test_a_level_at_which_lambda_drops_metrics_is_not_offered(level: str, capsys: Capture) -> None:
    with counted.collecting("WorkspaceExports", "local"):
        counted.count_status_check(KIND)
    (line,) = capsys.readouterr().out.splitlines()
    assert lambda_log.is_metric(line)
    assert lambda_log.is_kept(line, level) or level not in lambda_log.OFFERED


def test_a_clock_that_runs_behind_makes_no_negative_time(capsys: Capture) -> None:
    with counted.collecting("WorkspaceExports", "local"):
        counted.record_task_end(KIND, timedelta(seconds=-1))
    assert [one.value for one in metrics(capsys.readouterr().out)] == [0, 0]


@pytest.mark.parametrize("kind", [None, "canary-person"])
def test_a_word_that_is_no_kind_is_no_dimension(kind: str | None, capsys: Capture) -> None:
    with counted.collecting("WorkspaceExports", "local"):
        counted.count_failure(kind)
    assert metrics(capsys.readouterr().out) == [Metric("ExportsFailed", 1)]


def test_nothing_missing_is_told_as_zero(capsys: Capture) -> None:
    with counted.collecting("WorkspaceExports", "local"):
        counted.record_days(missing=0, at_risk=0, lost=0, newly_lost=0)
    told = metrics(capsys.readouterr().out)
    assert told == [Metric(f"Days{name}", 0) for name in ("Missing", "AtRisk", "Lost", "NewlyLost")]


@pytest.mark.parametrize("error", [Throttled("slow down"), VendorUnavailable("away")], ids=["throttled", "away"])
@pytest.mark.parametrize("over_http", [False, True], ids=["direct", "http"])
def test_what_a_failed_call_has_counted_is_written_and_its_being_throttled_is_counted(
    error: Exception, *, over_http: bool, capsys: Capture
) -> None:
    def use_case(*_: object) -> Any:
        counted.count_status_check(KIND)
        raise error

    event = http_event("POST", "/exports", json.dumps(REQUEST)) if over_http else REQUEST
    try:
        serving(use_case)(event, CONTEXT)
    except type(error):
        assert not over_http
    output = capsys.readouterr().out
    throttled = {"VendorThrottled"} if isinstance(error, Throttled) else set()
    assert {one.name for one in metrics(output)} == {"Looks"} | throttled
    assert output.count('{"_aws"') == 1


def test_the_namespace_and_the_stack_are_settings(capsys: Capture, monkeypatch: Environment) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "Audit")
    monkeypatch.setenv("STACK_NAME", "archive-2")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "one dimension too many")
    with pytest.raises(Throttled):
        failing(Throttled("slow down"))(REQUEST, CONTEXT)
    told = metrics(capsys.readouterr().out, "Audit")
    assert [one.dimensions for one in told] == [{"Stack": "archive-2"}, {"Stack": "archive-2", "Kind": KIND}]


def test_they_can_be_turned_off(capsys: Capture, monkeypatch: Environment) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")
    with pytest.raises(Throttled):
        failing(Throttled("slow down"))(REQUEST, CONTEXT)
    assert metrics(capsys.readouterr().out) == []


def test_one_call_leaves_nothing_to_the_next(capsys: Capture) -> None:
    for _ in range(2):
        with counted.collecting("WorkspaceExports", "local"):
            counted.count_failure(None)
        assert metrics(capsys.readouterr().out) == [Metric("ExportsFailed", 1)]


def test_a_file_landed_by_another_call_is_not_counted_again(capsys: Capture) -> None:
    there = Archived(
        outcome=Outcome.ALREADY_LANDED, url=None, key=None, manifest_key="manifests/x.json", size_bytes=1, sha256=""
    )
    with counted.collecting("WorkspaceExports", "local"):
        counted.record_landing(KIND, there)
    assert capsys.readouterr().out == ""
