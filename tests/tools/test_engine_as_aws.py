"""The local engine behaves like AWS where this project depends on it."""

import http.client
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.artifact import Artifact, build_ric
from local.engine import DeploymentError, Execution, LocalEngine, Retry, Stack, deploy, executions
from local.engine.patches import UnknownMinistackError, refuse_unknown

pytestmark = pytest.mark.check

DATA = Path(__file__).parent.parent / "data" / "engine"
SECRET = "the developer's own"
HOUR_SECONDS = 60 * 60


@dataclass(frozen=True)
class Deployed:
    engine: LocalEngine
    stack: Stack

    def ask(self, do: str, value: object = None) -> Any:
        payload = json.dumps({"do": do, "with": value})
        answer = self.engine.client("lambda").invoke(FunctionName=self.stack.resources["Probe"], Payload=payload)
        return json.load(answer["Payload"])

    def run(self, machine: str, payload: object) -> Execution:
        return executions.run(self.engine, self.stack.resources[machine], payload)

    def retries_of(self, error: str) -> list[Retry]:
        return [retry for retry in self.engine.retries if retry.error == error]

    def post(self, path: str, body: str = "", **headers: str) -> tuple[int, str]:
        url = urlsplit(f"{self.stack.http_url}{path}")
        connection = http.client.HTTPConnection(url.netloc)
        try:
            connection.request("POST", url.path, body.encode(), headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def artifact() -> Artifact:
    return Artifact(code=DATA, ric=build_ric())


@pytest.fixture(scope="module")
def deployed(artifact: Artifact) -> Iterator[Deployed]:
    with pytest.MonkeyPatch.context() as developer:
        developer.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        developer.setenv("AWS_PROFILE", "no-such-profile")
        developer.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        developer.setenv("SOME_TOKEN", SECRET)
        with LocalEngine(wait_scale=0.0001, rng=random.Random(7)) as engine:  # noqa: S311 - the same delays every time
            yield Deployed(engine, deploy(engine, DATA / "template.yaml", {"Greeting": "hello"}, artifact))


def test_outputs_and_parameters_are_those_of_the_template(deployed: Deployed) -> None:
    assert deployed.stack.outputs == {
        "ArchiveName": deployed.stack.resources["Archive"],
        "Greeting": f"hello, {deployed.stack.resources['Probe']}",
    }


def test_a_handler_finds_the_standard_library_and_its_artifact_only(deployed: Deployed) -> None:
    modules = ["json", "functions.probe.app", "awslambdaric", "boto3", "botocore", "pytest", "ministack", "pip"]
    assert deployed.ask("find", modules) == ["json", "functions.probe.app", "awslambdaric"]


def test_a_handler_works_in_its_task_root(deployed: Deployed, artifact: Artifact) -> None:
    places = deployed.ask("places")
    assert places["here"] == str(artifact.code)
    assert places["path"][:2] == [str(artifact.code), str(artifact.ric)]


def test_a_handler_sees_no_variable_lambda_would_not_set(deployed: Deployed) -> None:
    environment = deployed.ask("environment")
    aws = {name for name in environment if name.startswith(("AWS_", "LAMBDA_"))}
    assert aws == {
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_FORMAT",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_LEVEL",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_XRAY_CONTEXT_MISSING",
        "AWS_XRAY_DAEMON_ADDRESS",
        "LAMBDA_RUNTIME_DIR",
        "LAMBDA_TASK_ROOT",
    }
    daemon = {"_AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_PORT"}
    assert environment.keys() - aws - daemon == {"GREETING", "LANG", "PATH", "PWD", "PYTHONPATH", "TZ", "_HANDLER"}
    assert SECRET not in environment.values()


def test_a_handler_reaches_the_engine_and_its_own_variables(deployed: Deployed) -> None:
    environment = deployed.ask("environment")
    assert environment["AWS_ENDPOINT_URL"] == deployed.engine.url
    assert environment["GREETING"] == "hello"


def test_everything_a_function_writes_is_kept(deployed: Deployed) -> None:
    deployed.ask("fail", "KeyError")
    lines = deployed.engine.logs(deployed.stack.resources["Probe"])
    assert "doing fail" in lines
    assert any("KeyError" in line and "stackTrace" in line for line in lines)


def test_a_handler_is_told_how_its_function_logs(deployed: Deployed) -> None:
    environment = deployed.ask("environment")
    told = {name: value for name, value in environment.items() if name.startswith("AWS_LAMBDA_LOG_")}
    assert told.pop("AWS_LAMBDA_LOG_STREAM_NAME")
    assert told == {
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/probes",
        "AWS_LAMBDA_LOG_LEVEL": "WARN",
    }


def test_an_http_route_reaches_its_handler(deployed: Deployed) -> None:
    assert deployed.post("/greetings/bob") == (202, "hello, bob")


def test_an_http_caller_learns_nothing_of_a_failure(deployed: Deployed) -> None:
    assert deployed.post("/greetings/nobody") == (500, '{"message":"Internal Server Error"}')


def test_an_unknown_http_route_is_not_found(deployed: Deployed) -> None:
    assert deployed.post("/nowhere")[0] == 404


class TestStartingExecutionsOverHttp:
    """API Gateway's own integration with Step Functions."""

    def started(self, deployed: Deployed, body: str, name: str) -> Execution:
        status, answer = deployed.post("/attempts", body, **{"X-Name": name})
        assert status == 202, answer
        started = json.loads(answer)
        assert started.keys() == {"executionArn", "startDate"}
        assert abs(started["startDate"] - datetime.now(UTC).timestamp()) < HOUR_SECONDS
        return executions.wait(deployed.engine, started["executionArn"])

    def test_the_body_is_the_input_and_the_status_is_mapped(self, deployed: Deployed) -> None:
        execution = self.started(deployed, '{"do": "echo", "with": "caf\u00e9"}', "with-a-body")
        assert (execution.status, execution.output) == ("SUCCEEDED", {"answer": "caf\u00e9"})

    def test_a_header_may_name_it_once(self, deployed: Deployed) -> None:
        execution = self.started(deployed, '{"do": "echo", "with": 1}', "by-header")
        assert execution.arn.endswith(":by-header")
        status, answer = deployed.post("/attempts", "{}", **{"X-Name": "by-header"})
        assert (status, json.loads(answer)["__type"]) == (400, "ExecutionAlreadyExists")

    @pytest.mark.parametrize(
        ("body", "headers"), [("", {"X-Name": "without-a-body"}), ("{}", {})], ids=["body", "name"]
    )
    def test_what_is_to_be_taken_from_the_request_must_be_there(
        self, body: str, headers: dict[str, str], deployed: Deployed
    ) -> None:
        status, answer = deployed.post("/attempts", body, **headers)
        assert status == 400
        assert "Unable to resolve property" in json.loads(answer)["message"]

    def test_what_is_no_json_starts_nothing(self, deployed: Deployed) -> None:
        status, answer = deployed.post("/attempts", "do: echo", **{"X-Name": "never"})
        assert (status, json.loads(answer)["__type"]) == (400, "InvalidExecutionInput")
        machine = deployed.stack.resources["Attempt"]
        listed = deployed.engine.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
        assert "never" not in {execution["name"] for execution in listed}

    @pytest.mark.parametrize(
        ("properties", "message"),
        [
            ({"IntegrationSubtype": "SQS-SendMessage"}, "only StepFunctions-StartExecution"),
            ({"RequestParameters": {"Input": "$context.requestId"}}, "only the request itself"),
            (
                {
                    "ResponseParameters": {
                        "200": {"ResponseParameters": [{"Source": "1", "Destination": "append:header.a"}]}
                    }
                },
                "only overwrite:statuscode",
            ),
        ],
    )
    def test_what_would_be_ignored_is_not_deployed(
        self, deployed: Deployed, artifact: Artifact, tmp_path: Path, properties: dict[str, Any], message: str
    ) -> None:
        integration = {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"ApiId": "any", **properties}}
        template = tmp_path / "template.json"
        template.write_text(json.dumps({"Resources": {"Ignored": integration}}))
        with pytest.raises(DeploymentError, match=message):
            deploy(deployed.engine, template, {}, artifact, name=message.rpartition(" ")[2].replace(":", "-"))


def test_the_name_of_an_inner_exception_class_reaches_catch(deployed: Deployed) -> None:
    execution = deployed.run("Attempt", {"do": "fail", "with": "Inner"})
    assert execution.status == "SUCCEEDED"
    assert execution.output["error"]["Error"] == "Inner"


def test_an_error_without_a_name_of_its_own_reaches_states_all(deployed: Deployed) -> None:
    execution = deployed.run("Attempt", {"do": "fail", "with": "KeyError"})
    assert (execution.status, execution.error) == ("FAILED", "KeyError")
    assert json.loads(execution.cause or "")["errorType"] == "KeyError"


def test_the_delay_between_retries_is_capped(deployed: Deployed) -> None:
    execution = deployed.run("Attempt", {"do": "fail", "with": "Transient"})
    assert execution.error == "Transient"
    assert [retry.delay_seconds for retry in deployed.retries_of("Transient")] == [2, 4, 5]
    assert [event["type"] for event in execution.events].count("TaskScheduled") == 4


def test_full_jitter_draws_from_nothing_to_the_capped_delay(deployed: Deployed) -> None:
    execution = deployed.run("Attempt", {"do": "fail", "with": "Throttled"})
    drawn = deployed.retries_of("Throttled")
    assert execution.error == "Throttled"
    assert [retry.longest_seconds for retry in drawn] == [10, 30, 60, 60]
    assert all(0 <= retry.delay_seconds <= retry.longest_seconds for retry in drawn)
    assert len({retry.delay_seconds / retry.longest_seconds for retry in drawn}) == len(drawn)


def test_a_wait_takes_its_scaled_time(deployed: Deployed) -> None:
    execution = deployed.run("Attempt", {"wait": HOUR_SECONDS, "do": "echo", "with": 1})
    entered, left = (event["timestamp"] for event in execution.events if event["type"].startswith("WaitState"))
    assert 0.3 < (left - entered).total_seconds() < HOUR_SECONDS / 10
    assert execution.output == {"answer": 1}


def test_a_function_out_of_time_is_sandbox_timedout(deployed: Deployed) -> None:
    execution = deployed.run("Attempt", {"slow": True, "do": "sleep", "with": 30})
    assert execution.output["Error"] == "Sandbox.Timedout"


def test_more_than_256_kib_between_states_is_an_error_states_all_does_not_catch(deployed: Deployed) -> None:
    execution = deployed.run("Attempt", {"do": "payload", "with": 256 * 1024})
    assert (execution.status, execution.error) == ("FAILED", "States.DataLimitExceeded")


@pytest.mark.parametrize(
    ("given", "status", "output"),
    [({"this": 1}, "SUCCEEDED", {"picked": 1}), ({"this": None}, "SUCCEEDED", {"picked": None}), ({}, "FAILED", None)],
)
def test_a_path_leading_nowhere_is_an_error(deployed: Deployed, given: object, status: str, output: object) -> None:
    execution = deployed.run("Attempt", {"select": given})
    assert (execution.status, execution.output) == (status, output)
    assert execution.error == (None if status == "SUCCEEDED" else "States.Runtime")


def test_a_distributed_map_runs_children_and_catches_each_failure(deployed: Deployed) -> None:
    items = [{"id": 1, "do": "echo", "with": "fine"}, {"id": 2, "do": "fail", "with": "KeyError"}]
    execution = deployed.run("AttemptAll", {"items": items})
    fine, failed = execution.output["results"]
    assert fine == {"output": {"answer": "fine"}}
    assert failed["error"] == "States.TaskFailed"
    assert (failed["child"]["Status"], failed["child"]["Error"]) == ("FAILED", "KeyError")
    assert failed["child"]["Name"].endswith("-2")


class TestReadingItems:
    """A distributed map whose items are in storage, each a nested execution under a name of its own."""

    def run(self, deployed: Deployed, *items: dict[str, Any], **more: Any) -> Execution:
        bucket, key = deployed.stack.outputs["ArchiveName"], "items.json"
        deployed.engine.client("s3").put_object(Bucket=bucket, Key=key, Body=json.dumps(items).encode())
        return deployed.run("ReadAll", {"bucket": bucket, "key": key, **more})

    @staticmethod
    def item(name: str, do: str = "echo", value: object = 1) -> dict[str, Any]:
        return {"name": name, "input": {"do": do, "with": value}}

    def test_an_array_is_read_item_by_item_and_no_further_than_asked(self, deployed: Deployed) -> None:
        execution = self.run(deployed, *(self.item(f"read-{n}", value=n) for n in range(5)))
        assert execution.output["results"] == [{"answer": 0}, {"answer": 1}, {"answer": 2}]

    def test_an_object_that_is_not_there_fails_the_map(self, deployed: Deployed) -> None:
        bucket = deployed.stack.outputs["ArchiveName"]
        execution = deployed.run("ReadAll", {"bucket": bucket, "key": "nowhere.json"})
        assert (execution.status, execution.error) == ("FAILED", "States.ItemReaderFailed")

    def test_a_name_is_refused_once_its_execution_is_over_until_it_is_forgotten(self, deployed: Deployed) -> None:
        assert self.run(deployed, self.item("twice")).output["results"] == [{"answer": 1}]
        (refused,) = self.run(deployed, self.item("twice")).output["results"]
        assert refused == {"refused": "Execution Already Exists: 'twice'"}
        deployed.engine.forget_names()
        assert self.run(deployed, self.item("twice")).output["results"] == [{"answer": 1}]

    def test_the_same_name_and_input_at_the_same_time_are_one_execution(self, deployed: Deployed) -> None:
        deployed.ask("echo", 0)
        said = deployed.engine.logs(deployed.stack.resources["Probe"]).count("doing sleep")
        both = [self.item("shared", "sleep", 1)] * 2
        assert self.run(deployed, *both).output["results"] == [{"answer": None}] * 2
        assert deployed.engine.logs(deployed.stack.resources["Probe"]).count("doing sleep") == said + 1

    def test_the_same_name_with_another_input_is_refused_at_once(self, deployed: Deployed) -> None:
        results = self.run(deployed, self.item("torn", "sleep", 1), self.item("torn", "echo", 2)).output["results"]
        assert sorted(map(list, results)) == [["answer"], ["refused"]]

    def test_results_beyond_256_kib_fail_even_where_nothing_is_kept_of_them(self, deployed: Deployed) -> None:
        machines = deployed.engine.client("stepfunctions")
        read_all = machines.describe_state_machine(stateMachineArn=deployed.stack.resources["ReadAll"])
        definition = read_all["definition"].replace('"$.results"', "null")
        assert definition != read_all["definition"]
        keeps_nothing = machines.create_state_machine(
            name="keeps-nothing", definition=definition, roleArn=read_all["roleArn"]
        )["stateMachineArn"]
        items = [self.item(f"large-{n}", "echo", "x" * 100_000) for n in range(3)]
        self.run(deployed, *items[:2])
        place = {"bucket": deployed.stack.outputs["ArchiveName"], "key": "items.json"}
        deployed.engine.forget_names()
        assert executions.run(deployed.engine, keeps_nothing, place).status == "SUCCEEDED"
        deployed.engine.client("s3").put_object(
            Bucket=place["bucket"], Key=place["key"], Body=json.dumps(items).encode()
        )
        deployed.engine.forget_names()
        execution = executions.run(deployed.engine, keeps_nothing, place)
        assert (execution.status, execution.error) == ("FAILED", "States.DataLimitExceeded")

    def test_an_event_that_is_refused_is_an_error(self, deployed: Deployed) -> None:
        execution = self.run(deployed, self.item("told"), tell=True)
        assert execution.output["Error"] == "EventBridge.FailedEntry"


def test_intrinsic_functions_work(deployed: Deployed) -> None:
    output = deployed.run("AttemptAll", {"items": [{"id": 1, "do": "echo", "with": 1}]}).output
    assert (output["length"], output["contains"], output["merged"]) == (1, True, {"a": 1, "b": 2})


def test_a_schedule_exists_with_its_input(deployed: Deployed) -> None:
    schedule = deployed.engine.client("scheduler").get_schedule(Name=deployed.stack.resources["AttemptAllDaily"])
    assert schedule["Target"]["Arn"] == deployed.stack.resources["AttemptAll"]
    assert schedule["Target"]["Input"] == '{"items": []}'


def test_a_stack_that_fails_says_why(deployed: Deployed, artifact: Artifact) -> None:
    with pytest.raises(DeploymentError, match="Broken"):
        deploy(deployed.engine, DATA / "broken.yaml", {}, artifact, name="broken")


def test_a_ministack_with_other_sources_is_refused() -> None:
    with pytest.raises(UnknownMinistackError, match="_add_event"):
        refuse_unknown({"services.stepfunctions:_add_event": "another digest"})
