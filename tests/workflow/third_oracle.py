"""LocalStack's Step Functions in front of the functions deployed to the embedded engine.

Its makers compare it with recorded answers of AWS, and it is the only other one that runs a distributed Map and nested
executions. It needs Python 3.13, so it is a process of its own: see localstack_server.py.
"""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import boto3
import pytest

from local.artifact import ROOT
from local.engine import Execution, LocalEngine, executions
from local.engine.environment import ACCOUNT, REGION
from tests.support.fixtures.deployment import WAIT_SCALE, Deployment
from tests.workflow.run_scenarios import FIRST_OF_AN_ITEM, Events, Item

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

PYTHON = ROOT / ".build" / "venv-localstack" / "bin" / "python"
MACHINES = ("ExportWorkflow", "ArchiveWorkflow")
_ROLE = f"arn:aws:iam::{ACCOUNT}:role/any"


@dataclass(frozen=True, slots=True)
class ThirdOracle:
    """Runs machines of a deployment a third time, under the names and ARNs that they have there."""

    deployment: Deployment
    machines: "SFNClient"

    def client(self, _service: str) -> Any:
        return self.machines

    def take_over(self) -> None:
        """Create the machines as they are deployed."""
        deployed = self.deployment.engine.client("stepfunctions")
        for machine in MACHINES:
            arn = self.deployment.stack.outputs[f"{machine}Arn"]
            described = deployed.describe_state_machine(stateMachineArn=arn)
            definition = understood(json.loads(described["definition"]))
            copy = self.machines.create_state_machine(
                name=described["name"], definition=json.dumps(definition), roleArn=_ROLE
            )
            assert copy["stateMachineArn"] == arn

    def forget(self) -> None:
        """Free the names of all executions, as 90 days do."""
        self._ask("/forget")

    def run(self, machine: str, payload: object) -> Execution:
        """Start an execution and wait until it is over."""
        oracle = cast("LocalEngine", self)
        started = executions.start(oracle, self.deployment.stack.outputs[f"{machine}Arn"], payload, name=uuid4().hex)
        return executions.wait(oracle, started, timeout_seconds=60)

    def items(self, _execution: Execution) -> list[Item]:
        """Each item of the last distributed map: its events are those of one list, where each names the one before."""
        runs = self._ask("/items")
        items: list[Item] = []
        following: dict[int, Events] = {}
        for event in runs[-1] if runs else []:
            entered = event.get("stateEnteredEventDetails", {})
            if entered.get("name") == FIRST_OF_AN_ITEM:
                # The event that its first one names is none of these, but one of the execution's.
                items.append(Item(json.loads(entered["input"]), []))
                events = items[-1].events
            else:
                events = following.pop(event["previousEventId"])
            events.append(event)
            following[event["id"]] = events
        return items

    def _ask(self, path: str) -> Any:
        url = f"{self.machines.meta.endpoint_url}{path}"
        with closing(urllib.request.urlopen(url)) as answer:  # noqa: S310 - our own
            return json.load(answer)


def understood(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition with the one change that LocalStack's grammar needs: AWS takes the percentage as it is."""
    for state in definition["States"].values():
        if "ToleratedFailurePercentage" in state:
            state["ToleratedFailurePercentage"] = float(state["ToleratedFailurePercentage"])
    return definition


@contextmanager
def third_oracle(deployment: Deployment) -> Iterator[ThirdOracle]:
    """LocalStack's machines with their waits scaled; their tasks call the deployment's functions."""
    if not PYTHON.exists():
        pytest.skip("LocalStack's interpreter needs Python 3.13 or newer, and `make test-check` found none here")
    command = [str(PYTHON), "-m", "tests.workflow.localstack_server", deployment.engine.url, str(WAIT_SCALE)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        assert server.stdin
        assert server.stdout
        try:
            url = server.stdout.readline().strip()
            assert url, "it says above why it did not start"
            with closing(_client(url)) as machines:
                oracle = ThirdOracle(deployment, machines)
                oracle.take_over()
                yield oracle
        finally:
            server.stdin.close()


def _client(url: str) -> "SFNClient":
    return boto3.client(
        "stepfunctions",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="local",
    )
