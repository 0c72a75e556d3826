"""A stack is updated while it works, from the template before: the archive stays, and what runs ends as it began."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from local.artifact import ROOT, build
from local.engine import LocalEngine, Stack, deploy, executions, update
from local.engine.bundle import store_credentials
from local.engine.polling import poll
from local.standin.accounts import DEMO_REGION
from local.standin.server import VendorStandIn
from tests.support.builders.stack_parameters import ALL_ON
from tests.support.checks.leaks import CANARIED
from tests.support.fixtures.deployment import Deployment, VendorClock, states_of
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

pytestmark = pytest.mark.long

TEMPLATE = ROOT / "template.yaml"
TASK = timedelta(minutes=5)
"""What the vendor takes for a file; the test moves its clock, by less than would make signatures old."""
TODAY = (utc_now() - LATE_DATA).date()
WAIT, LATER = "Wait for the vendor", "Wait for the vendor as of late"
FIXED = {"ArchiveLockMode", "ArchiveLockDays", "WorkspaceProjectId", "WorkspaceEndpoint", "IamEndpoint"} | {
    "ArchiveTargets",
    "TargetSecretArns",
    "JwtIssuer",
    "JwtAudience",
    "PollShortestWaitSeconds",
    "DeleteAfterLanding",
}
"""These lead elsewhere than to the stand-in, or are counted or waited for below; a lock is for a first deployment."""
CHANGES = {name: value for name, value in ALL_ON.items() if name not in FIXED} | {"ScheduleState": "ENABLED"}
"""Every other parameter is turned on by the update."""
KEPT = (
    "AWS::S3::",
    "AWS::Lambda::Function",
    "AWS::StepFunctions::",
    "AWS::ApiGatewayV2::Api",
    "AWS::Logs::",
    "AWS::SNS::Topic",
)
"""Types of which an update may replace or remove nothing."""


@dataclass(slots=True)
class Updated:
    """A deployment, and how to change it."""

    deployment: Deployment
    parameters: dict[str, str]
    later: Path

    def update(self) -> Stack:
        return update(self.deployment.engine, self.later, self.parameters | CHANGES, build())

    def ordered(self, days_ago: int) -> str:
        """Starts an export; its execution, once it waits for the vendor to make the file."""
        machine = self.deployment.stack.outputs["ExportWorkflowArn"]
        request = {"kind": "connection-records", "day": (TODAY - timedelta(days=days_ago)).isoformat()}
        execution = executions.start(self.deployment.engine, machine, request)
        poll(
            lambda: self.state_of(execution) in {WAIT, LATER} or None,
            timeout_seconds=20,
            waiting_for="an order of the export",
        )
        return execution

    def state_of(self, execution: str) -> str | None:
        machines = self.deployment.engine.client("stepfunctions")
        newest = machines.get_execution_history(executionArn=execution, reverseOrder=True)["events"]
        entered = (e["stateEnteredEventDetails"]["name"] for e in newest if "stateEnteredEventDetails" in e)
        return next(entered, None)

    def ended(self, execution: str) -> executions.Execution:
        """The execution once the vendor has made its file."""
        self.deployment.clock.ahead += TASK
        return executions.wait(self.deployment.engine, execution)


def template_before() -> str:
    """The newest committed template that differs from the one here; the same where no history is at hand."""
    now = TEMPLATE.read_text(encoding="utf-8")
    for commit in git("rev-list", "--max-count=2", "HEAD", "--", "template.yaml").split():
        if (committed := git("show", f"{commit}:template.yaml")) != now:
            return committed
    return now


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603, S607
    return done.stdout


def kept(stack: Stack, engine: LocalEngine) -> dict[str, str]:
    """Return the physical ids of the resources that an update must keep, by logical id."""
    described = engine.client("cloudformation").describe_stack_resources(StackName=stack.name)["StackResources"]
    return {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in described if r["ResourceType"].startswith(KEPT)}


@pytest.fixture
def updated(tmp_path: Path) -> Iterator[Updated]:
    earlier, later = tmp_path / "earlier.yaml", tmp_path / "template.yaml"
    earlier.write_text(template_before(), encoding="utf-8")
    later.write_text(TEMPLATE.read_text(encoding="utf-8").replace(WAIT, LATER), encoding="utf-8")
    clock = VendorClock()
    with (
        VendorStandIn(contents=CANARIED, task_seconds=TASK.total_seconds(), clock=clock) as vendor,
        LocalEngine(wait_scale=0.1) as engine,
    ):
        parameters = {
            "WorkspaceRegion": DEMO_REGION,
            "CredentialsSecretArn": store_credentials(engine),
            "WorkspaceEndpoint": vendor.url,
            "IamEndpoint": vendor.url,
            "ScheduleState": "DISABLED",
            # Long enough for an update: here, a function's call does not outlive the update of its code.
            "PollShortestWaitSeconds": "100",
        }
        stack = deploy(engine, earlier, parameters, build())
        yield Updated(Deployment(vendor, clock, engine, stack), parameters, later)


def test_what_is_archived_stays_and_what_runs_ends_as_it_began(updated: Updated) -> None:
    deployment = updated.deployment
    assert updated.ended(updated.ordered(2)).status == "SUCCEEDED"
    before, running = deployment.landed(), updated.ordered(3)
    resources = kept(deployment.stack, deployment.engine)
    stack = updated.update()
    assert updated.state_of(running) == WAIT
    assert deployment.landed() == before
    assert len(resources) > 20
    assert kept(stack, deployment.engine).items() >= resources.items(), "nothing was replaced or removed"
    assert stack.outputs.items() >= deployment.stack.outputs.items()
    execution = updated.ended(running)
    assert execution.status == "SUCCEEDED", execution.cause
    assert WAIT in states_of(execution)
    assert LATER not in states_of(execution)
    assert deployment.landed().items() > before.items()
    assert len(deployment.vendor.tasks) == 2, "no export was ordered anew"


def test_what_is_started_afterwards_is_what_was_deployed_last(updated: Updated) -> None:
    stack = updated.update()
    execution = updated.ended(updated.ordered(2))
    assert execution.status == "SUCCEEDED", execution.cause
    assert LATER in states_of(execution)
    functions = updated.deployment.engine.client("lambda")
    poller = functions.get_function_configuration(FunctionName=stack.resources["PollStatusFunction"])
    assert poller["Environment"]["Variables"]["POLL_DEADLINE_SECONDS"] == CHANGES["PollDeadlineSeconds"]
    assert "NoRunStarted" in stack.resources.keys() - updated.deployment.stack.resources.keys()
