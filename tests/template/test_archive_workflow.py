"""What the template promises of the archive workflow: its schedule, its permissions, and that everybody hears of it."""

import json
from typing import Any

import pytest

from local.engine.state_machines import STATE_PAYLOAD_LIMIT_BYTES
from tests.support.template.document import MACHINES, RESOURCES, TEMPLATE, allow, below, statements
from workspace_exports.core.validation import parse
from workspace_exports.coverage.plans import MOST_PLANNED, PlanLocation, PlannedExport, PlannedRun, PlanRequest
from workspace_exports.coverage.reports import Announcement, RunStatus

WORKFLOW: dict[str, Any] = MACHINES["ArchiveWorkflow"]
STATES: dict[str, Any] = WORKFLOW["Definition"]["States"]
EACH: dict[str, Any] = STATES["Export each missing day"]
ITEM: dict[str, Any] = EACH["ItemProcessor"]["States"]
NOTIFICATIONS = ["Tell the subscribers", "Tell other systems"]
BREAKING_OFF = "Say that the run broke off"


def arn(service: str, resource: str) -> dict[str, str]:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"}


class TestPermissions:
    def test_the_workflow_may_do_what_its_states_do_and_no_more(self) -> None:
        functions = ("PlanArchiveFunction", "ReportArchiveFunction")
        assert statements(WORKFLOW) == [
            allow("lambda:InvokeFunction", [{"Fn::GetAtt": [name, "Arn"]} for name in functions]),
            allow("s3:GetObject", below("runs/*/plan.json")),
            allow("kms:Decrypt", {"Ref": "ArchiveKeyArn"}),
            allow("states:StartExecution", {"Ref": "ExportWorkflow"}),
            allow(
                ["states:DescribeExecution", "states:StopExecution"],
                arn("states", "execution:${ExportWorkflow.Name}:*"),
            ),
            allow(
                ["events:PutTargets", "events:PutRule", "events:DescribeRule"],
                arn("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"),
            ),
            allow("sns:Publish", {"Ref": "RunReports"}),
            allow("events:PutEvents", arn("events", "event-bus/default")),
        ]

    def test_a_distributed_map_may_start_its_own_machine_and_follow_its_items(self) -> None:
        policy = RESOURCES["RunArchiveItems"]["Properties"]
        assert policy["Roles"] == [{"Ref": "ArchiveWorkflowRole"}]
        own = [arn("states", f"execution:${{ArchiveWorkflow.Name}}{items}") for items in (":*", "/*")]
        assert policy["PolicyDocument"]["Statement"] == [
            allow("states:StartExecution", {"Ref": "ArchiveWorkflow"}),
            allow(["states:DescribeExecution", "states:StopExecution"], own),
        ]

    def test_the_report_reads_what_it_judges_by_and_writes_what_it_reports_only(self) -> None:
        stated = statements(RESOURCES["ReportArchiveFunction"]["Properties"])
        read = ["manifests/*", "failures/*", "orders/by-window/*", "runs/*/plan.json", "since/*", "coverage/*"]
        written = [below(place) for place in ("runs/*/report.json", "coverage/*", "coverage.html")]
        assert stated == [
            allow("s3:GetObject", [below(place) for place in (*read, "targets.json")]),
            allow("s3:PutObject", written),
            allow("s3:ListBucket", {"Fn::GetAtt": ["ArchiveBucket", "Arn"]}),
            allow("s3:PutObjectTagging", written),
        ]
        assert {"Ref": "ReadCredentials"} not in RESOURCES["ReportArchiveFunction"]["Properties"]["Policies"]


class TestSchedule:
    DAILY: dict[str, Any] = WORKFLOW["Events"]["Daily"]["Properties"]

    def test_a_start_that_fails_is_tried_again_for_hours_within_a_flexible_window(self) -> None:
        retries = self.DAILY["RetryPolicy"]
        assert 3600 <= retries["MaximumEventAgeInSeconds"] <= 12 * 3600, "the next day's run must not be met"
        assert 1 <= retries["MaximumRetryAttempts"] <= 185
        window = self.DAILY["FlexibleTimeWindow"]
        assert (window["Mode"], window["MaximumWindowInMinutes"]) == ("FLEXIBLE", 30)

    def test_a_run_is_named_after_the_attempt_that_started_it(self) -> None:
        """The value is AWS's own example of that attribute."""
        given = self.DAILY["Input"].replace("<aws.scheduler.execution-id>", "d32c5kddcf5bb8c3")
        assert parse(PlanRequest, json.loads(given)) == PlanRequest(correlation_id="d32c5kddcf5bb8c3")

    def test_what_was_never_started_is_kept_and_told(self) -> None:
        assert self.DAILY["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["RunsThatDidNotStart", "Arn"]}}
        queue = RESOURCES["RunsThatDidNotStart"]["Properties"]
        assert queue == {"MessageRetentionPeriod": 14 * 24 * 3600, "SqsManagedSseEnabled": True}
        alarm = RESOURCES["RunNotStarted"]["Properties"]
        assert alarm["Dimensions"] == [
            {"Name": "QueueName", "Value": {"Fn::GetAtt": ["RunsThatDidNotStart", "QueueName"]}}
        ]
        assert (alarm["MetricName"], alarm["ComparisonOperator"], alarm["Threshold"]) == (
            "ApproximateNumberOfMessagesVisible",
            "GreaterThanThreshold",
            0,
        )
        assert alarm["AlarmActions"] == [{"Ref": "Alarms"}]


class TestEachMissingDay:
    def test_the_plan_comes_from_the_archive_not_through_the_state(self) -> None:
        reader = EACH["ItemReader"]
        assert reader["Resource"].endswith(":s3:getObject")
        assert reader["Parameters"] == {"Bucket.$": "$.run.plan.bucket", "Key.$": "$.run.plan.key"}
        assert reader["ReaderConfig"]["InputType"] == "JSON"
        assert EACH["ItemProcessor"]["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}

    def test_how_many_are_under_way_is_a_number_of_which_the_report_hears_nothing(self) -> None:
        state = STATES["A few at a time"]
        assert state["Parameters"] == {"run.$": "$", "exports_at_once.$": "States.StringToJson('${ExportsAtOnce}')"}
        assert WORKFLOW["DefinitionSubstitutions"]["ExportsAtOnce"] == {"Ref": "ExportsAtOnce"}
        assert "ResultPath" not in state
        assert (state["Next"], EACH["MaxConcurrencyPath"], EACH["OutputPath"]) == (
            "Export each missing day",
            "$.exports_at_once",
            "$.run",
        )

    def test_what_comes_back_from_all_of_them_fits_into_one_state(self) -> None:
        ends = [state for state in ITEM.values() if state.get("End")]
        assert ends
        assert all((state["Type"], state["Result"]) == ("Pass", {}) for state in ends)
        assert EACH["ItemReader"]["ReaderConfig"]["MaxItems"] == MOST_PLANNED
        assert MOST_PLANNED * len("{},") <= STATE_PAYLOAD_LIMIT_BYTES
        assert EACH["ResultPath"] is None

    def test_no_bad_day_sinks_another(self) -> None:
        assert EACH["ToleratedFailurePercentage"] == 100
        assert [catch["ErrorEquals"] for catch in ITEM["Export one day"]["Catch"]] == [
            ["StepFunctions.ExecutionAlreadyExists", "StepFunctions.ExecutionAlreadyExistsException"],
            ["States.ALL"],
        ]

    def test_a_day_is_exported_as_planned_under_the_planned_name(self) -> None:
        parameters = ITEM["Export one day"]["Parameters"]
        assert (parameters["Name.$"], parameters["Input.$"]) == ("$.name", "$.export")
        assert {"name", "export"} == PlannedExport.model_fields.keys()


class TestHearing:
    @pytest.mark.parametrize("name", [name for name, state in STATES.items() if "Catch" in state])
    def test_nothing_that_fails_is_kept_quiet(self, name: str) -> None:
        (catch,) = STATES[name]["Catch"]
        assert catch["ErrorEquals"] == ["States.ALL"]
        assert catch["Next"] == (STATES[name]["Next"] if name in NOTIFICATIONS else BREAKING_OFF)

    def test_every_run_is_told_to_people_and_systems(self) -> None:
        for name in ("Report what came of the run", BREAKING_OFF):
            assert STATES[name]["Next"] == NOTIFICATIONS[0]
        assert STATES[NOTIFICATIONS[0]]["Next"] == NOTIFICATIONS[1]
        assert STATES["Is anything missing?"]["Choices"][0]["Next"] == "Report what came of the run"

    def test_what_is_told_is_what_the_functions_say(self) -> None:
        said = Announcement.model_fields.keys()
        mail, event = (STATES[name]["Parameters"] for name in NOTIFICATIONS)
        assert {mail["Subject.$"], mail["Message.$"]} == {"$.subject", "$.text"}
        assert mail["MessageAttributes"]["status"]["StringValue.$"] == "$.status"
        assert event["Entries"][0]["Detail"] == {"status.$": "$.status", "report.$": "$.report"}
        assert said == {"status", "subject", "text", "report"}
        assert {name.removesuffix(".$") for name in STATES[BREAKING_OFF]["Parameters"]} == said
        assert PlannedRun.model_fields.keys() == {"run", "planned", "postponed", "plan", "correlation_id"}
        assert PlanLocation.model_fields.keys() == {"bucket", "key"}

    def test_a_failed_run_fails_and_a_quiet_failure_does_too(self) -> None:
        choices = {c.get("StringEquals", c["Variable"]): c["Next"] for c in STATES["How did the run end?"]["Choices"]}
        assert choices == {
            "broke-off": "The run broke off",
            RunStatus.FAILED: "Some days failed",
            "$.untold": "The report was not heard",
        }
        assert all(STATES[name]["Type"] == "Fail" for name in choices.values())

    def test_the_topic_is_an_output(self) -> None:
        assert TEMPLATE["Outputs"]["RunReportsArn"]["Value"] == {"Ref": "RunReports"}
        assert TEMPLATE["Outputs"]["AlarmsArn"]["Value"] == {"Ref": "Alarms"}
        assert TEMPLATE["Outputs"]["RunsThatDidNotStartUrl"]["Value"] == {"Ref": "RunsThatDidNotStart"}
