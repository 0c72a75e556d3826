"""What an export costs at most: counted from the history of real executions."""

import json
from datetime import timedelta

import pytest

from local.engine import Execution, executions
from local.engine.polling import poll
from local.standin.faults.fates import fails
from local.standin.tasks import Fate
from tests.support.fixtures.deployment import Deployment, Run
from tests.workflow.scenarios import RECORDS, path_of

AN_HOUR = 3600.0
A_WHILE = timedelta(minutes=10)
"""As far as clocks may be apart before signatures are refused, and some minutes less."""


def transitions(execution: Execution) -> int:
    """Each state entered is one, and so is the end."""
    return len(path_of(execution)) + 1


def looks(execution: Execution) -> int:
    return [state for state, _ in path_of(execution)].count("Look at the task")


def events_on_aws(execution: Execution) -> int:
    """The engine leaves out that a function was started."""
    return len(execution.events) + sum(calls for _, calls in path_of(execution))


def test_an_export_that_is_ready_at_the_first_look_takes_eight_transitions(export: Run) -> None:
    execution = export(**RECORDS)
    assert execution.status == "SUCCEEDED", execution.cause
    assert [state for state, _ in path_of(execution)] == [
        "Begin without a pause",
        "Order the export",
        "Wait for the vendor",
        "Look at the task",
        "Is the vendor still making the file?",
        "Fetch the file into the archive",
        "The export is archived",
    ]
    assert transitions(execution) == 8


def test_a_task_that_never_finishes_ends_at_the_deadline_within_its_bounds(deployment: Deployment, export: Run) -> None:
    deployment.vendor.script("connection-records", Fate(task_seconds=AN_HOUR))
    execution = export(**RECORDS)
    assert (execution.status, execution.error) == ("FAILED", "DeadlineExceeded")
    assert f"task_id={deployment.vendor.tasks[-1].task_id}" in (execution.cause or "")
    assert looks(execution) > 2
    assert transitions(execution) <= 7 + 3 * (looks(execution) - 1)
    assert events_on_aws(execution) <= 9 * looks(execution) + 20


@pytest.mark.check
def test_the_next_run_goes_on_with_a_task_that_was_not_done_in_time(deployment: Deployment, export: Run) -> None:
    vendor = deployment.vendor
    vendor.script("connection-records", Fate(task_seconds=A_WHILE.total_seconds()))
    assert export(**RECORDS).error == "DeadlineExceeded"
    task_id, orders, calls = vendor.tasks[-1].task_id, len(vendor.tasks), len(vendor.calls("list"))

    arn = executions.start(deployment.engine, deployment.stack.outputs["ExportWorkflowArn"], RECORDS)
    poll(
        lambda: len(vendor.calls("list")) > calls + 3 or None, timeout_seconds=20, waiting_for="looks of the second run"
    )
    deployment.clock.ahead = A_WHILE
    second = executions.wait(deployment.engine, arn)

    assert second.status == "SUCCEEDED", second.cause
    assert second.output["task_id"] == task_id
    assert len(vendor.tasks) == orders
    (manifest,) = [json.loads(c) for key, c in deployment.landed().items() if key.startswith("manifests/")]
    assert manifest["task_id"] == task_id


def test_a_second_order_makes_one_task_more_and_no_third(deployment: Deployment, export: Run) -> None:
    orders = len(deployment.vendor.tasks)
    deployment.vendor.script("connection-records", fails("no"), fails("no"))
    assert export(**RECORDS).error == "TaskFailed"
    assert len(deployment.vendor.tasks) == orders + 2

    assert export(**RECORDS).status == "SUCCEEDED"
    assert len(deployment.vendor.tasks) == orders + 3
