"""`workspace-exports run` and the state machine end alike: the scenarios of tests/workflow, in one process.

Both are compared with the files under tests/data/failures/, which the machine on the engine writes: the calls of each
step in their order, the class, the whole text, the record, and how often the vendor was called. A scenario in which
Lambda cuts a function off or its process dies has no counterpart: here, the whole run would die.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.server import VendorStandIn
from tests.support.fixtures.deployment import WAIT_SCALE
from tests.workflow.scenarios import (
    FAILURES,
    GOLDEN,
    HEALED,
    Scenario,
    _without_repetition,
    calls_since,
    calls_told,
    masked,
)
from workspace_exports.client.connections import close_connections
from workspace_exports.commands.command_settings import CommandSettings
from workspace_exports.commands.export_workflow import ExportEnd, ExportWorkflow
from workspace_exports.commands.workflow_rules import FETCH, LOOK, ORDER, RECORD, WorkflowStep
from workspace_exports.core.contract import Contract

FUNCTIONS = {ORDER: "StartExport", LOOK: "PollStatus", FETCH: "FetchFile", RECORD: "RecordFailure"}
WAIT = "Wait for the vendor"
STILL = "Is the vendor still making the file?"
AGAIN = "Order it again, this once"
OURS = {*(step.state for step in FUNCTIONS), WAIT}
"""The states that do something; the others only decide."""
SCENARIOS = [one for one in (*FAILURES, *HEALED) if not (one.killed or one.timeout_seconds)]


@dataclass(frozen=True)
class PlayedWorkflow(ExportWorkflow):
    """The workflow with each step's settings as the scenario has them, and its path written down.

    Attributes:
        environments: of steps whose function has settings of its own.
        is_timed: whether a wait takes its time, scaled.
        path: the states, each with how often its use case was called.
        records: what record-failure told.
    """

    environments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    is_timed: bool = False
    path: list[list[Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        if self.is_timed:
            super().wait(seconds * WAIT_SCALE)

    def settings_of(self, step: WorkflowStep) -> CommandSettings:
        own = self.environments.get(FUNCTIONS[step])
        return CommandSettings.read(os.environ | dict(own)) if own else super().settings_of(step)

    def attempt(self, step: WorkflowStep, use_case: Any, contract: type[Contract], document: object) -> Any:
        if self.path and self.path[-1][0] == step.state:
            self.path[-1][1] += 1
        else:
            if step is ORDER and self.path:
                self.path.append([AGAIN, 0])
            self.path.append([step.state, 1])
        result = super().attempt(step, use_case, contract, document)
        if step is RECORD:
            self.records.append(result.model_dump(mode="json", exclude_none=True))
        if step is ORDER:
            self.path.append([WAIT, 0])
        if step is LOOK:
            self.path.append([STILL, 0])
            if str(getattr(result, "status", "")) == "CREATING":
                self.path.append([WAIT, 0])
        return result

    def ended(self, end: ExportEnd) -> str:
        """The end as the committed files tell it."""
        if end.archived:
            return end.archived.archived.outcome.value
        return "\n\n".join([f"{end.error}\n{end.text}", *(json.dumps(record, indent=2) for record in self.records)])

    @property
    def told(self) -> list[str]:
        lines = [f"{state}{f', {calls} attempts' if calls > 1 else ''}" for state, calls in self.path]
        return done(_without_repetition(lines, 3))


def done(lines: Iterator[str] | list[str]) -> list[str]:
    """The lines about what is done, and those about repetitions."""
    return [line for line in lines if line.partition(",")[0] in OURS or line.startswith("...")]


@pytest.fixture
def environment(vendor: VendorStandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """What the functions of the workflow tests have; the project is looked up."""
    for name, value in {
        "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
        "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
        "WORKSPACE_REGION": DEMO_REGION,
        "WORKSPACE_ENDPOINT": vendor.url,
        "IAM_ENDPOINT": vendor.url,
        "ARCHIVE_URL": (tmp_path / "archive").as_uri(),
        "POLL_DEADLINE_SECONDS": "2",
        "VENDOR_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    yield monkeypatch
    close_connections()


@contextmanager
def needing(scenario: Scenario, request: pytest.FixtureRequest) -> Iterator[None]:
    """What only some scenarios need: an S3 that says no."""
    if any("s3://" in value for settings in scenario.settings.values() for value in settings.values()):
        request.getfixturevalue("s3_environment")
    yield


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_a_run_in_one_process_ends_as_the_state_machine_does(
    scenario: Scenario,
    vendor: VendorStandIn,
    environment: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    for operation, faults in scenario.faults.items():
        vendor.script(operation, *faults)
    with needing(scenario, request):
        workflow = PlayedWorkflow(
            CommandSettings.read(os.environ),
            environments=scenario.settings,
            is_timed=scenario.name == "deadline-exceeded",
        )
        end = workflow.run_and_record(scenario.request)
    assert end.error == scenario.error
    golden = (GOLDEN / f"{scenario.name}.txt").read_text(encoding="utf-8")
    path, rest = golden.split("\n\n", 1)
    text = masked(f"{workflow.ended(end)}\n\n{calls_told(calls_since(vendor, 0))}\n")
    assert workflow.told == done(path.splitlines())
    assert text == rest.replace("as the function raised it: ", "")
    assert not vendor.pending_faults
