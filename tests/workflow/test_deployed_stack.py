"""What those who run the stack have of it, as deployed."""

import json
from datetime import timedelta
from typing import Any

from tests.support.fixtures.deployment import Deployment
from tests.support.template.alarms import ALARMS
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

LAST = (utc_now() - LATE_DATA).date() - timedelta(days=1)
FIRST = LAST - timedelta(days=4)


def test_as_many_exports_run_at_a_time_as_the_parameter_says(deployment: Deployment) -> None:
    days = {"first_day": FIRST.isoformat(), "last_day": LAST.isoformat()}
    execution = deployment.run("ArchiveWorkflow", {"kinds": ["connection-records"], **days})
    machines = deployment.engine.client("stepfunctions")
    (item,) = machines.list_map_runs(executionArn=execution.arn)["mapRuns"]
    assert machines.describe_map_run(mapRunArn=item["mapRunArn"])["maxConcurrency"] == 4
    assert execution.status == "SUCCEEDED", execution.cause
    assert execution.output["planned"] == 5


def test_every_alarm_tells_the_topic(deployed: Deployment) -> None:
    alarms = deployed.engine.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert {alarm["AlarmName"] for alarm in alarms} == {deployed.stack.resources[name] for name in ALARMS}
    assert {tuple(alarm["AlarmActions"]) for alarm in alarms} == {(deployed.stack.outputs["AlarmsArn"],)}


def test_the_dashboard_names_what_was_deployed(deployed: Deployment) -> None:
    name = deployed.stack.resources["Dashboard"]
    body: Any = json.loads(deployed.engine.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
    lines = [line for widget in body["widgets"] for line in widget["properties"].get("metrics", [])]
    values = {line[3] for line in lines}
    assert deployed.stack.name in values
    assert deployed.stack.resources["FetchFileFunction"] in values
    assert deployed.stack.outputs["ArchiveWorkflowArn"] in values
