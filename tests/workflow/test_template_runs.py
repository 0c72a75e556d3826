"""The state machines of template.yaml, as deployed, on the embedded engine."""

import json
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

import pytest

from local.engine import executions
from local.faults.connections import DROP_BEFORE_WORK, LOSE_ANSWER
from local.standin.accounts import DEMO_PROJECT_ID, DEMO_SECRET_KEY
from local.standin.company import CANARIES
from local.standin.faults.answers import html_page, server_error, throttled
from local.standin.faults.fates import fails
from local.standin.faults.mishaps import Fault, Truncate
from local.standin.messages import Answer
from tests.support.fixtures.deployment import Deployment, Run, states_of
from tests.workflow.saying import since_now
from tests.workflow.scenarios import path_of
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

TODAY = (utc_now() - LATE_DATA).date()
"""The day after the last that has settled."""
DAY = (TODAY - timedelta(days=1)).isoformat()
LONGEST_DELAY_SECONDS = 120
RECORDS: dict[str, Any] = {"kind": "connection-records", "day": DAY}
ACCESS: dict[str, Any] = {"kind": "app-user-access", "day": DAY}


@pytest.mark.parametrize("request_", [RECORDS, ACCESS])
def test_an_export_goes_from_the_order_to_the_archive(
    request_: dict[str, Any], deployment: Deployment, export: Run
) -> None:
    execution = export(**request_)
    assert execution.status == "SUCCEEDED", execution.cause
    archived = execution.output["archived"]
    objects = deployment.landed()
    assert objects[archived["key"]] == deployment.vendor.report(execution.output["task_id"])
    assert json.loads(objects[archived["manifest_key"]])["sha256"] == archived["sha256"]
    assert set(objects) == {archived["key"], archived["manifest_key"]}


def test_a_list_goes_through_the_same_states(deployment: Deployment, export: Run) -> None:
    deployment.vendor.script("user-events", throttled(), server_error(503), Truncate(100), DROP_BEFORE_WORK)
    execution = export(kind="user-events", day=DAY)
    assert execution.status == "SUCCEEDED", execution.cause
    assert states_of(execution) == [
        "Begin without a pause",
        "Order the export",
        "Wait for the vendor",
        "Look at the task",
        "Is the vendor still making the file?",
        "Fetch the file into the archive",
        "The export is archived",
    ]
    archived = execution.output["archived"]
    lines = deployment.landed()[archived["key"]].splitlines()
    events = deployment.vendor.events.events(DEMO_PROJECT_ID, date.fromisoformat(DAY))
    assert [json.loads(line) for line in lines] == events


@pytest.mark.parametrize(
    ("operation", "faults"),
    [
        ("connection-records", [throttled(), throttled("1"), throttled()]),
        ("list", [throttled(), server_error(503), DROP_BEFORE_WORK]),
        ("download", [html_page(200), throttled(), server_error(500), Truncate(5000, declared=False)]),
    ],
)
def test_what_passes_is_waited_out_with_growing_random_delays(
    operation: str, faults: list[Fault], deployment: Deployment, export: Run
) -> None:
    orders, retries = len(deployment.vendor.tasks), len(deployment.engine.retries)
    deployment.vendor.script(operation, *faults)
    execution = export(**RECORDS)
    assert execution.status == "SUCCEEDED", execution.cause
    assert len(deployment.vendor.tasks) == orders + 1
    drawn = deployment.engine.retries[retries:]
    paused = [state for state, _ in path_of(execution) if state == "Wait as long as the vendor asks"]
    assert len(drawn) + len(paused) == len(faults)
    throttling = [one for one in faults if isinstance(one, Answer) and one.status == HTTPStatus.TOO_MANY_REQUESTS]
    assert len(paused) == len(throttling)
    assert all(0 <= retry.delay_seconds <= LONGEST_DELAY_SECONDS for retry in drawn)
    assert len({retry.delay_seconds for retry in drawn}) == len(drawn)


def test_an_order_whose_answer_is_lost_is_adopted_not_repeated(deployment: Deployment, export: Run) -> None:
    orders = len(deployment.vendor.tasks)
    deployment.vendor.script("connection-records", LOSE_ANSWER)
    execution = export(**RECORDS)
    assert execution.status == "SUCCEEDED", execution.cause
    assert len(deployment.vendor.tasks) == orders + 1


def test_an_order_that_may_or_may_not_have_arrived_is_looked_for_until_it_is_found(
    deployment: Deployment, export: Run
) -> None:
    orders = len(deployment.vendor.tasks)
    deployment.vendor.script("connection-records", LOSE_ANSWER)
    deployment.vendor.script("list", server_error(503), server_error(503))
    execution = export(**RECORDS)
    assert execution.status == "SUCCEEDED", execution.cause
    assert len(deployment.vendor.tasks) == orders + 1


def test_bad_input_is_rejected_before_the_vendor_hears_of_it(deployment: Deployment, export: Run) -> None:
    before = len(deployment.vendor.requests)
    execution = export(kind="connection-records", day=DAY, colour="red")
    assert (execution.status, execution.error) == ("FAILED", "Rejected")
    assert "colour is not a field here" in (execution.cause or "")
    assert len(deployment.vendor.requests) == before


def test_no_secret_and_no_row_of_a_user_is_in_any_log_or_state(deployment: Deployment, export: Run) -> None:
    deployment.vendor.script("list", server_error())
    deployment.vendor.script("app-user-access", fails("no"))
    said = since_now(deployment)
    runs = [export(**RECORDS), export(**ACCESS)]
    assert said.output()
    seen = str([executions.wait(deployment.engine, run.arn) for run in runs]) + str(said.output())
    hidden = [*CANARIES, DEMO_SECRET_KEY, "Signature=", "Authorization"]
    assert [secret for secret in hidden if secret in seen] == []
