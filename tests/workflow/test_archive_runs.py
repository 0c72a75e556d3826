"""The archive workflow of template.yaml on the embedded engine: its runs, and what the world hears of them."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from local.engine import Execution, executions
from local.engine.polling import poll
from local.standin.faults.fates import fails, never_finishes
from tests.support.fixtures.archive_runs import KINDS, TODAY, Audience, counts, last_days
from tests.support.fixtures.deployment import Deployment, states_of
from workspace_exports.core.clock import utc_now
from workspace_exports.coverage.reports import Report


class TestRuns:
    def test_every_missing_day_lands_and_a_second_run_finds_nothing_and_says_so(self, deployment: Deployment) -> None:
        execution = deployment.run("ArchiveWorkflow", last_days(3))
        assert execution.status == "SUCCEEDED", execution.cause
        assert counts(execution.output) == {"planned": 6, "landed": 6}
        assert execution.output["is_complete"]
        objects, orders = deployment.landed(), len(deployment.vendor.tasks)
        assert len(objects) == 12

        again = deployment.run("ArchiveWorkflow", last_days(3))
        assert counts(again.output) == {}
        assert again.output["is_complete"]
        assert "Export each missing day" not in states_of(again)
        assert deployment.landed() == objects
        assert len(deployment.vendor.tasks) == orders

    def test_one_bad_day_sinks_no_other_and_the_run_says_which_and_why(self, deployment: Deployment) -> None:
        for days in (3, 1):
            archived = {"kind": "app-user-access", "day": str(TODAY - timedelta(days=days))}
            deployment.run("ExportWorkflow", archived)
        deployment.vendor.script("app-user-access", fails("a bad day"), fails("a bad day"))
        execution = deployment.run("ArchiveWorkflow", last_days(3))
        assert (execution.status, execution.error) == ("FAILED", "SomeDaysFailed")
        report = written_report(deployment)
        assert (report.planned, report.landed, report.failed) == (4, 3, 1)
        (failure,) = report.failures
        assert (failure.kind, failure.error) == ("app-user-access", "TaskFailed")
        assert failure.vendor_reason == "a bad day"
        assert f"{failure.day} app-user-access of {failure.project_id}: TaskFailed" in (execution.cause or "")
        assert "a bad day" in (execution.cause or "")
        assert len(deployment.landed()) == 10

    def test_a_day_that_failed_is_asked_for_again_by_the_next_days_run(self, deployment: Deployment) -> None:
        deployment.vendor.script("app-user-access", fails("a bad day"), fails("a bad day"))
        deployment.run("ArchiveWorkflow", last_days(1))
        deployment.engine.forget_names()  # another day, other names
        healed = deployment.run("ArchiveWorkflow", last_days(1))
        assert counts(healed.output) == {"planned": 1, "landed": 1}

    def test_and_by_hand_on_the_same_day_as_it_stands_in_the_plan(self, deployment: Deployment) -> None:
        deployment.vendor.script("app-user-access", fails("a bad day"), fails("a bad day"))
        deployment.run("ArchiveWorkflow", last_days(1))
        refused = deployment.run("ArchiveWorkflow", last_days(1))
        assert (refused.status, refused.error) == ("FAILED", "SomeDaysFailed")
        assert "a bad day" in (refused.cause or "")

        (planned,) = min(runs_of(deployment, "plan.json"), key=len)
        assert deployment.run("ExportWorkflow", planned["export"]).status == "SUCCEEDED"
        assert counts(deployment.run("ArchiveWorkflow", last_days(1)).output) == {}

    def test_a_day_without_a_row_is_empty_and_complete(self, deployment: Deployment) -> None:
        deployment.vendor.script("app-user-access", fails("No data"), fails("No data"))
        execution = deployment.run("ArchiveWorkflow", last_days(1))
        assert counts(execution.output) == {"planned": 2, "landed": 1, "empty": 1}
        assert execution.output["is_complete"]

    def test_no_state_carries_a_list_of_days(self, deployment: Deployment) -> None:
        execution = deployment.run("ArchiveWorkflow", last_days(5))
        assert execution.status == "SUCCEEDED", execution.cause
        assert max(carried(execution)) < 2000


class TestTwoRunsOnOneDay:
    def test_at_the_same_time_they_share_every_export(self, deployment: Deployment) -> None:
        orders, began_at = len(deployment.vendor.tasks), utc_now()
        with ThreadPoolExecutor(2) as both:
            runs = list(both.map(lambda _: deployment.run("ArchiveWorkflow", last_days(2)), range(2)))
        assert [run.status for run in runs] == ["SUCCEEDED", "SUCCEEDED"]
        for run in runs:
            assert set(counts(run.output)) <= {"planned", "landed", "already_there", "under_way"}
        assert exports_since(deployment, began_at) == 4
        assert len(deployment.vendor.tasks) == orders + 4
        assert len(deployment.landed()) == 8

    def test_what_another_run_has_ordered_and_nothing_has_come_of_is_under_way(self, deployment: Deployment) -> None:
        deployment.vendor.script("connection-records", never_finishes())
        request = last_days(1) | {"kinds": ["connection-records"]}
        stop_first_export(deployment, request)
        again = deployment.run("ArchiveWorkflow", request)
        assert again.status == "SUCCEEDED", again.cause
        assert counts(again.output) == {"planned": 1, "under_way": 1}
        assert not again.output["is_complete"]

    def test_the_manifest_settles_it_where_names_do_not(self, deployment: Deployment) -> None:
        """Twelve exports of three days, every day twice, each under a name of its own."""
        days = [(kind, str(TODAY - timedelta(days=n))) for kind in KINDS for n in (1, 2, 3)] * 2
        machine = deployment.stack.outputs["ExportWorkflowArn"]
        with ThreadPoolExecutor(4) as all_at_once:
            runs = list(
                all_at_once.map(
                    lambda day: executions.run(deployment.engine, machine, {"kind": day[0], "day": day[1]}, 60), days
                )
            )
        assert {run.status for run in runs} == {"SUCCEEDED"}
        assert sorted(run.output["archived"]["outcome"] for run in runs).count("landed") == 6
        assert len([key for key in deployment.landed() if key.startswith("manifests/")]) == 6
        assert len([key for key in deployment.landed() if key.startswith("data/")]) == 6


class TestAudience:
    def test_people_and_systems_hear_the_counts(self, audience: Audience, deployment: Deployment) -> None:
        execution = deployment.run("ArchiveWorkflow", last_days(2))
        mail, event = audience.mail(), audience.event()
        assert mail["Subject"] == "Archive run: 4 of 4 archived"
        assert "4 planned, 4 landed, 0 already there, 0 empty, 0 under way, 0 failed" in mail["Message"]
        assert mail["MessageAttributes"]["status"]["Value"] == "complete"
        assert (event["source"], event["detail-type"]) == ("workspace-exports", "Archive run ended")
        assert event["detail"] == {"status": "complete", "report": execution.output}

    def test_a_failed_day_is_named_to_both(self, audience: Audience, deployment: Deployment) -> None:
        deployment.vendor.script("connection-records", fails("a bad day"), fails("a bad day"))
        deployment.run("ArchiveWorkflow", last_days(1))
        mail, event = audience.mail(), audience.event()
        assert mail["Subject"] == "Archive run: 1 of 2 archived, 1 failed"
        assert f"- {TODAY - timedelta(days=1)} connection-records of" in mail["Message"]
        assert "a bad day" in mail["Message"]
        assert mail["MessageAttributes"]["status"]["Value"] == event["detail"]["status"] == "failed"
        assert event["detail"]["report"]["failures"][0]["vendor_reason"] == "a bad day"

    def test_a_run_without_a_plan_reports_why(self, audience: Audience, deployment: Deployment) -> None:
        execution = deployment.run("ArchiveWorkflow", {"first_day": "2020-01-01"})
        assert (execution.status, execution.error) == ("FAILED", "Rejected")
        assert "out of the vendor's reach" in (execution.cause or "")
        mail, event = audience.mail(), audience.event()
        assert mail["Subject"] == "The archive run broke off"
        assert "Rejected" in mail["Message"]
        assert "out of the vendor's reach" in mail["Message"]
        assert mail["MessageAttributes"]["status"]["Value"] == event["detail"]["status"] == "broke-off"
        assert event["detail"]["report"]["error"] == "Rejected"

    def test_the_whole_report_and_the_page_are_in_the_archive(self, audience: Audience, deployment: Deployment) -> None:
        execution = deployment.run("ArchiveWorkflow", last_days(1))
        assert written_report(deployment) == Report.model_validate(execution.output)
        *_, report, page = audience.mail()["Message"].splitlines()
        assert report.endswith(f"/runs/{execution.output['run']}/report.json")
        assert page.endswith("/coverage.html")
        assert deployment.objects("coverage.html")["coverage.html"].startswith(b"<!doctype html>")

    def test_days_at_risk_and_days_lost_are_told_by_name(self, audience: Audience, deployment: Deployment) -> None:
        project = deployment.vendor.project_id
        deployment.put(f"since/kind=connection-records/project_id={project}.json", {"first_day": long_ago(35)})
        execution = deployment.run("ArchiveWorkflow", last_days(1))
        report = written_report(deployment)
        assert [str(day.day) for day in report.days_lost] == [long_ago(days) for days in range(35, 29, -1)]
        assert [str(day.day) for day in report.days_at_risk] == [long_ago(days) for days in range(29, 22, -1)]
        assert (report.lost, report.at_risk) == (6, 7)
        assert execution.status == "SUCCEEDED", "what is past saving is no failure of today"
        message = audience.mail()["Message"]
        assert f"- {long_ago(35)} connection-records of {project}" in message

    def test_a_missing_topic_does_not_stop_the_event(self, audience: Audience, deployment: Deployment) -> None:
        topic = deployment.stack.outputs["RunReportsArn"]
        sns = deployment.engine.client("sns")
        subscriptions = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
        (subscription,) = [one for one in subscriptions if one["Protocol"] == "sqs"]
        sns.delete_topic(TopicArn=topic)
        try:
            execution = deployment.run("ArchiveWorkflow", last_days(1))
        finally:
            sns.create_topic(Name=topic.rpartition(":")[2])
            sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=subscription["Endpoint"])
        assert states_of(execution)[-1] == "The report was not heard"
        assert audience.event()["detail"]["report"]["landed"] == 2
        assert written_report(deployment).landed == 2


def exports_since(deployment: Deployment, began_at: datetime) -> int:
    """How many executions of the export workflow have begun since."""
    machine = deployment.stack.outputs["ExportWorkflowArn"]
    pages = deployment.engine.client("stepfunctions").get_paginator("list_executions").paginate(stateMachineArn=machine)
    return sum(found["startDate"] >= began_at for page in pages for found in page["executions"])


def long_ago(days: int) -> str:
    return str(utc_now().date() - timedelta(days=days))


def carried(execution: Execution) -> Iterator[int]:
    """How much each state took and gave."""
    for event in execution.events:
        for details in event.values():
            if isinstance(details, dict):
                yield from (len(details[name]) for name in ("input", "output") if name in details)


def runs_of(deployment: Deployment, name: str) -> list[Any]:
    """The objects of that name of all runs, oldest first."""
    objects = sorted(deployment.objects("runs/").items())
    return [json.loads(content) for key, content in objects if key.endswith(f"/{name}")]


def written_report(deployment: Deployment) -> Report:
    return Report.model_validate(runs_of(deployment, "report.json")[-1])


def plan(deployment: Deployment) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = runs_of(deployment, "plan.json")[-1]
    return found


def stop_first_export(deployment: Deployment, request: dict[str, Any]) -> None:
    """Starts a run and ends its one export from outside, once that has ordered."""
    engine, outputs = deployment.engine, deployment.stack.outputs
    machines, orders = engine.client("stepfunctions"), len(deployment.vendor.tasks)
    run = executions.start(engine, outputs["ArchiveWorkflowArn"], request)

    def looked() -> str | None:
        if len(deployment.vendor.tasks) == orders:
            return None
        running = machines.list_executions(stateMachineArn=outputs["ExportWorkflowArn"], statusFilter="RUNNING")
        return next((found["executionArn"] for found in running["executions"]), None)

    machines.stop_execution(executionArn=poll(looked, timeout_seconds=60, waiting_for="the order"))
    executions.wait(engine, run)
