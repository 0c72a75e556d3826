"""The routes, each function behind its own: what a caller sends, what comes back, and what that leads to."""

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import httpx
import pytest

from local.faults.connections import Hang
from local.standin.faults.answers import answer
from local.standin.faults.fates import expires, fails, never_finishes
from local.standin.server import VendorStandIn
from tests.support.builders.http_calls import fetch_it, look, order, told
from tests.support.builders.order_records import aged, rewrite
from tests.support.builders.requests import RECORDS
from tests.support.checks.landed import landed
from tests.support.checks.leaks import CANARIED, leaks
from tests.support.fixtures.handlers import Call
from tests.support.lambda_context import lambda_context
from tests.support.servers.scripted_http import ScriptedServer
from workspace_exports.archive.failures import Failure, write_failure
from workspace_exports.archive.layout import last_order_key, task_key
from workspace_exports.client.download import KEPT_BACK_SECONDS
from workspace_exports.core.clock import utc_now
from workspace_exports.events import PlacedExport, StartRequest
from workspace_exports.lifecycle.delegate import LARGEST_AT_ONCE_BYTES, FileTooLarge, require_fitting
from workspace_exports.orders import OrderRecord
from workspace_exports.storage.store import Store

SUCCEEDS = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
ROLE_ARN = "arn:aws:iam::123456789012:role/x"


@pytest.mark.usefixtures("environment")
def test_an_order_is_accepted_and_says_where_to_look_and_when(vendor: VendorStandIn) -> None:
    answer = order(**RECORDS)
    (task,) = vendor.tasks
    assert answer["statusCode"] == 202
    assert answer["headers"]["Location"] == f"/exports/{task.task_id}"
    assert answer["headers"]["Retry-After"] == "5"


class TestLinks:
    """A link to the file, for as long as it takes to follow it."""

    @pytest.mark.usefixtures("environment")
    @pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
    def test_one_reads_that_file_without_credentials(self, start: Call, vendor: VendorStandIn) -> None:
        ordered = start(**RECORDS)
        for outcome in ("landed", "already-landed"):
            status, body = told(fetch_it(ordered["task_id"]))
            assert (status, body["archived"]["outcome"]) == (200, outcome)
            link = httpx.URL(body["download_url"])
            assert httpx.get(link).content == vendor.report(ordered["task_id"])
            assert link.params["X-Amz-Expires"] == "300"
            assert link.path.endswith(body["archived"]["key"])

    @pytest.mark.usefixtures("environment")
    @pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
    def test_one_is_in_no_log_and_in_no_state(self, start: Call, fetch: Call, poll: Call, log: Any) -> None:
        ordered = start(**RECORDS)
        _, body = told(fetch_it(ordered["task_id"]))
        signature = httpx.URL(body["download_url"]).params["X-Amz-Signature"]
        assert signature not in log.getvalue()
        assert leaks(log.getvalue()) == []
        assert "download_url" not in fetch(**poll(**ordered))

    @pytest.mark.usefixtures("environment")
    @pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
    def test_a_folder_gives_none(self, start: Call) -> None:
        _, body = told(fetch_it(start(**RECORDS)["task_id"]))
        assert "download_url" not in body

    @pytest.mark.usefixtures("environment")
    @pytest.mark.parametrize("archive_url", ["s3"], indirect=True)
    def test_an_empty_export_has_none(self, start_empty: Call) -> None:
        ordered = start_empty(**RECORDS)
        _, body = told(fetch_it(ordered["task_id"]))
        assert body["archived"]["outcome"] == "empty"
        assert "download_url" not in body


@pytest.fixture
def workflow(environment: pytest.MonkeyPatch, s3_endpoint: str, s3_environment: object) -> Iterator[Any]:
    with closing(boto3.client("stepfunctions", endpoint_url=s3_endpoint, region_name="us-east-1")) as machines:
        arn = machines.create_state_machine(
            name="ExportWorkflow",
            definition=SUCCEEDS,
            roleArn=ROLE_ARN,
        )["stateMachineArn"]
        environment.setenv("EXPORT_WORKFLOW_ARN", arn)
        yield machines
        machines.delete_state_machine(stateMachineArn=arn)


class TestLargeFiles:
    """What one call has no time for is left to the workflow; over HTTP alone, since only there is it known."""

    @pytest.fixture
    def vendor(self) -> Iterator[VendorStandIn]:
        with VendorStandIn(contents=CANARIED, task_seconds=0, report_padding_bytes=LARGEST_AT_ONCE_BYTES) as vendor:
            yield vendor

    def test_a_large_file_is_left_to_it_once(
        self, start: Call, workflow: Any, vendor: VendorStandIn, store: Store
    ) -> None:
        ordered = start(**RECORDS)
        first, second = (fetch_it(ordered["task_id"]) for _ in range(2))
        status, body = told(first)
        assert (status, first["headers"]["Location"]) == (202, f"/exports/{ordered['task_id']}")
        assert first["headers"]["Retry-After"] == "30"
        assert told(second)[1]["execution_arn"] == body["execution_arn"]
        given = json.loads(workflow.describe_execution(executionArn=body["execution_arn"])["input"])
        assert given["task_id"] == ordered["task_id"]
        assert landed(store) == []
        assert start(**given)["task_id"] == ordered["task_id"]
        assert len(vendor.tasks) == 1

    @pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
    def test_without_a_workflow_the_function_does_it_itself(self, start: Call, store: Store) -> None:
        assert told(fetch_it(start(**RECORDS)["task_id"]))[0] == 200

    @pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
    @pytest.mark.parametrize(
        ("code", "status", "advice"),
        [
            ("AccessDeniedException", 500, "states:StartExecution on exactly this state machine"),
            ("StateMachineDoesNotExist", 500, "Deploy the stack again"),
            ("InvalidArn", 500, "Check the state machine"),
            ("ThrottlingException", 503, "Try again later"),
        ],
    )
    def test_a_refusal_of_aws_says_what_to_do(
        self, code: str, status: int, advice: str, start: Call, environment: pytest.MonkeyPatch
    ) -> None:
        ordered = start(**RECORDS)
        with ScriptedServer() as aws:
            aws.answer(400, {"__type": code})
            for name, value in {
                "AWS_ENDPOINT_URL_SFN": aws.url,
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                "EXPORT_WORKFLOW_ARN": "arn:aws:states:eu-central-1:123456789012:stateMachine:Export-7",
            }.items():
                environment.setenv(name, value)
            told_status, body = told(fetch_it(ordered["task_id"]))
            ((_, _, headers, _),) = aws.requests
        assert told_status == status
        assert advice in body["detail"]
        assert "/eu-central-1/states/aws4_request" in headers["authorization"]

    @pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
    @pytest.mark.parametrize(
        ("looked_at", "status", "said"),
        [
            ((200, {"status": "RUNNING"}), 202, ""),
            ((200, {"status": "FAILED"}), 503, "in the next hour"),
            ((200, {"status": "ABORTED"}), 503, "in the next hour"),
            ((200, {}), 503, "in the next hour"),
            ((400, {"__type": "ExecutionDoesNotExist"}), 503, "in the next hour"),
            ((400, {"__type": "AccessDeniedException"}), 500, "states:DescribeExecution on its executions"),
            ((400, {"__type": "ThrottlingException"}), 503, "Try again later"),
            ((500, {}), 503, "HTTP 500"),
        ],
    )
    def test_a_name_that_is_taken_is_looked_at(
        self,
        looked_at: tuple[int, dict[str, str]],
        status: int,
        said: str,
        start: Call,
        workflow: Any,
        environment: pytest.MonkeyPatch,
    ) -> None:
        ordered = start(**RECORDS)
        with ScriptedServer() as aws:
            aws.answer(400, {"__type": "ExecutionAlreadyExists"})
            aws.answer(*looked_at)
            environment.setenv("AWS_ENDPOINT_URL_SFN", aws.url)
            told_status, body = told(fetch_it(ordered["task_id"]))
            asked = [(headers["x-amz-target"], json.loads(sent)) for _, _, headers, sent in aws.requests]
        assert told_status == status
        assert said in body.get("detail", "")
        (_, started), (target, described) = asked
        arn = started["stateMachineArn"].replace(":stateMachine:", ":execution:")
        assert (target, described) == (
            "AWSStepFunctions.DescribeExecution",
            {"executionArn": f"{arn}:{started['name']}"},
        )

    @pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
    @pytest.mark.parametrize("changed", [*StartRequest.model_fields, "a field of the next version", "only the order"])
    def test_a_running_execution_is_found_with_any_input(
        self, changed: str, start: Call, workflow: Any, environment: pytest.MonkeyPatch
    ) -> None:
        """Two equal requests may differ in how they are written down, and in who made them."""
        ordered = start(**RECORDS)
        arn = told(fetch_it(ordered["task_id"]))[1]["execution_arn"]
        given = workflow.describe_execution(executionArn=arn)
        request = json.loads(given["input"])
        other = {**request, changed: "other"} if changed != "only the order" else dict(reversed(request.items()))
        workflow.delete_state_machine(stateMachineArn=given["stateMachineArn"])
        same = workflow.create_state_machine(
            name=given["stateMachineArn"].rpartition(":")[2], definition=SUCCEEDS, roleArn=ROLE_ARN
        )["stateMachineArn"]
        workflow.start_execution(stateMachineArn=same, name=given["name"], input=json.dumps(other))
        with pytest.raises(workflow.exceptions.ExecutionAlreadyExists):
            workflow.start_execution(stateMachineArn=same, name=given["name"], input=given["input"])
        status, body = told(fetch_it(ordered["task_id"]))
        assert (status, body["execution_arn"]) == (202, arn)

    @pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
    @pytest.mark.parametrize(
        ("error", "status"), [("TaskFailed", 502), ("FileExpired", 410), ("Sandbox.Timedout", 503)]
    )
    def test_what_the_workflow_failed_with_is_what_the_caller_is_told(
        self, error: str, status: int, start: Call, workflow: Any, environment: pytest.MonkeyPatch, store: Store
    ) -> None:
        ordered = start(**RECORDS)
        execution = told(fetch_it(ordered["task_id"]))[1]["execution_arn"]
        failure = Failure(error=error, what="It broke", advice="", task_id=ordered["task_id"], at=utc_now())
        placed = {name: ordered[name] for name in PlacedExport.model_fields if name in ordered}
        write_failure(store, PlacedExport.model_validate(placed), failure)
        workflow.stop_execution(executionArn=execution)
        with ScriptedServer() as aws:
            aws.answer(400, {"__type": "ExecutionAlreadyExists"})
            aws.answer(200, {"status": "FAILED"})
            environment.setenv("AWS_ENDPOINT_URL_SFN", aws.url)
            told_status, body = told(fetch_it(ordered["task_id"]))
        assert (told_status, body["task_id"]) == (status, ordered["task_id"])
        assert "It broke" in body["detail"]

    @pytest.mark.parametrize(
        "what",
        [
            "lambda:eu-central-1:123456789012:function:x",
            "lambda:eu-central-1:123456789012:stateMachine:x",
            "states:eu-central-1:123456789012:express:x",
            "states:x",
        ],
    )
    def test_a_workflow_that_is_none_is_a_wrong_setting(
        self, what: str, start: Call, environment: pytest.MonkeyPatch
    ) -> None:
        environment.setenv("EXPORT_WORKFLOW_ARN", f"arn:aws:{what}")
        status, body = told(fetch_it(start(**RECORDS)["task_id"]))
        assert (status, body["error"]) == (500, "Misconfigured")
        assert "EXPORT_WORKFLOW_ARN" in body["detail"]


@pytest.mark.parametrize("size_bytes", [None, LARGEST_AT_ONCE_BYTES + 1])
def test_what_may_not_fit_into_one_call_is_not_tried(size_bytes: int | None) -> None:
    require_fitting(LARGEST_AT_ONCE_BYTES)
    with pytest.raises(FileTooLarge):
        require_fitting(size_bytes)


class TestSlowDownloads:
    """The same for a file that is small enough, and does not come."""

    @pytest.mark.usefixtures("workflow")
    def test_so_is_one_for_which_the_time_does_not_suffice(
        self, start: Call, vendor: VendorStandIn, store: Store
    ) -> None:
        ordered = start(**RECORDS)
        vendor.script("download", Hang(5))
        soon = lambda_context(KEPT_BACK_SECONDS + 1.3)
        assert told(fetch_it(ordered["task_id"], soon))[0] == 202
        assert landed(store) == []

    @pytest.mark.usefixtures("workflow")
    def test_a_vendor_that_is_away_early_on_is_told_to_the_caller(self, start: Call, vendor: VendorStandIn) -> None:
        ordered = start(**RECORDS)
        vendor.script("download", answer(503, b"{}"))
        assert told(fetch_it(ordered["task_id"]))[0] == 503

    @pytest.mark.usefixtures("workflow")
    def test_a_small_one_lands_at_once(self, start: Call, store: Store) -> None:
        assert told(fetch_it(start(**RECORDS)["task_id"]))[0] == 200
        assert landed(store)


def just_after_its_day(record: OrderRecord) -> OrderRecord:
    """When the day had not settled."""
    return record.model_copy(update={"ordered_at": record.window.end})


class TestGoingOnWithATask:
    """start-export may be told which of its orders to go on with."""

    def test_an_old_order_of_what_had_not_settled_is_gone_on_with(
        self, start: Call, vendor: VendorStandIn, store: Store
    ) -> None:
        request = {"kind": "desktops"}
        ordered = start(**request)
        rewrite(store, ordered, aged(5))
        again = start(**request, task_id=ordered["task_id"])
        assert (again["task_id"], again["wait_seconds"]) == (ordered["task_id"], 0)
        assert again["ordered_at"] < again["adopted_at"]
        assert start(**request)["task_id"] != ordered["task_id"]

    def test_it_is_gone_on_with_though_a_later_order_of_the_whole_has_landed(
        self, start: Call, poll: Call, fetch: Call, store: Store, vendor: VendorStandIn
    ) -> None:
        early = start(**RECORDS)
        rewrite(store, early, just_after_its_day)
        vendor_tasks = len(vendor.tasks)
        store.delete(last_order_key(OrderRecord.model_validate_json(store.read(task_key(early["task_id"])) or b"")))
        whole = start(**RECORDS)
        assert whole["task_id"] != early["task_id"]
        fetch(**poll(**whole))
        again = start(**RECORDS, task_id=early["task_id"])
        assert again["task_id"] == early["task_id"]
        assert fetch(**poll(**again))["archived"]["outcome"] == "landed"
        assert len(vendor.tasks) == vendor_tasks + 1

    @pytest.mark.parametrize("fate", [fails("no"), expires(0)])
    def test_one_that_is_beyond_help_is_ordered_again(self, fate: Any, start: Call, vendor: VendorStandIn) -> None:
        vendor.script("connection-records", fate)
        ordered = start(**RECORDS)
        assert start(**RECORDS, task_id=ordered["task_id"])["task_id"] != ordered["task_id"]

    @pytest.mark.usefixtures("environment")
    @pytest.mark.parametrize("archive_url", ["folder"], indirect=True)
    def test_a_task_of_something_else_is_refused(self, start: Call, vendor: VendorStandIn) -> None:
        ordered = start(**RECORDS)
        for request in ({"kind": "desktops", "task_id": ordered["task_id"]}, {**RECORDS, "task_id": "0123"}):
            status, body = told(order(**request))
            assert (status, body["error"]) == (400, "Rejected")
            assert "leave it out" in body["detail"]
        assert len(vendor.tasks) == 1


@pytest.mark.usefixtures("environment")
class TestByTheTaskAlone:
    def test_a_finished_export_is_looked_at_and_fetched(self, start: Call, vendor: VendorStandIn, store: Store) -> None:
        task_id = start(**RECORDS)["task_id"]
        looked = look(task_id)
        assert (looked["statusCode"], json.loads(looked["body"])["status"]) == (200, "SUCCESS")
        assert "Retry-After" not in looked["headers"]
        fetched = fetch_it(task_id)
        archived = json.loads(fetched["body"])["archived"]
        assert (fetched["statusCode"], archived["outcome"]) == (200, "landed")
        assert sorted(landed(store)) == sorted([archived["key"], archived["manifest_key"]])

    def test_one_in_the_making_says_when_to_ask_again(self, start: Call, vendor: VendorStandIn, store: Store) -> None:
        vendor.script("connection-records", never_finishes())
        task_id = start(**RECORDS)["task_id"]
        looked = look(task_id)
        assert (looked["statusCode"], looked["headers"]["Retry-After"]) == (200, "5")
        refused = fetch_it(task_id)
        assert (refused["statusCode"], refused["headers"]["Retry-After"]) == (409, "5")
        assert json.loads(refused["body"])["error"] == "Rejected"
        assert landed(store) == []

    def test_one_that_was_taken_over_has_the_time_of_a_new_order(
        self, start: Call, vendor: VendorStandIn, store: Store
    ) -> None:
        vendor.script("connection-records", never_finishes())
        first = start(**RECORDS)
        rewrite(store, first, aged(2))
        start(**RECORDS)
        looked = look(first["task_id"])
        assert (looked["statusCode"], json.loads(looked["body"])["status"]) == (200, "CREATING")

    @pytest.mark.parametrize("is_archived", [True, False])
    def test_one_whose_note_is_gone_is_known_again_once_it_is_started_again(
        self,
        *,
        is_archived: bool,
        start: Call,
        poll: Call,
        fetch: Call,
        store: Store,
    ) -> None:
        ordered = start(**RECORDS)
        if is_archived:
            fetch(**poll(**ordered))
        store.delete(task_key(ordered["task_id"]))
        start(**RECORDS)
        looked = look(ordered["task_id"])
        assert (looked["statusCode"], json.loads(looked["body"])["status"]) == (200, "SUCCESS")

    @pytest.mark.parametrize(
        ("task_id", "status", "error_class"),
        [("0123", 404, "TaskLost"), ("a%2Fb", 400, "Rejected"), ("x" * 65, 400, "Rejected")],
    )
    def test_a_task_without_an_order_here_is_not_known(
        self, task_id: str, status: int, error_class: str, vendor: VendorStandIn
    ) -> None:
        refused = look(task_id)
        problem = json.loads(refused["body"])
        assert (refused["statusCode"], problem["error"]) == (status, error_class)
        assert vendor.requests == ()
