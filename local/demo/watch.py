"""What an archive run is doing right now, read from the engine as anybody could read it from AWS."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from local.demo.stage import Stage
from local.engine.polling import poll

_RUN_TIMEOUT_SECONDS = 150.0
_LOOK_SECONDS = 0.25
"""A look asks the engine about each export, and takes time from the engine, which runs in the same process."""

_RUNNING = "RUNNING"


@dataclass(frozen=True, slots=True, order=True)
class Progress:
    """One window's export: where it is in the state machine, or how it ended.

    Attributes:
        status: the engine's word: RUNNING, SUCCEEDED, FAILED.
        doing: the state it is in, or its outcome, or why it failed.
    """

    kind: str
    day: str
    status: str
    doing: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole run at one moment.

    Attributes:
        planned: how many exports it plans; None while it is still naming them.
        exports: those that have begun.
        faults: how many were thrown at it so far.
    """

    planned: int | None
    exports: list[Progress]
    faults: int = 0

    def __str__(self) -> str:
        """`6 planned, 2 running, 3 landed, 1 failed; 4 faults met`."""
        counts = Counter(progress.status for progress in self.exports)
        running, landed = counts.pop(_RUNNING, 0), counts.pop("SUCCEEDED", 0)
        planned = "naming the missing days" if self.planned is None else f"{self.planned} planned"
        met = f"; {self.faults} faults met" if self.faults else ""
        return f"{planned}, {running} running, {landed} landed, {counts.total()} failed{met}"


class RunWatch:
    """Follows one execution of the archive workflow and the exports it starts."""

    def __init__(self, stage: Stage, execution_arn: str) -> None:
        self._vendor = stage.vendor
        self._machines = stage.engine.client("stepfunctions")
        self._exports_arn = stage.stack.outputs["ExportWorkflowArn"]
        self._execution_arn = execution_arn
        self._ended: dict[str, Progress] = {}
        self._planned: int | None = None
        self._shown: Snapshot | None = None

    def snapshots(self) -> Iterator[Snapshot]:
        """What has changed, until the run is over; the last one is final.

        Raises:
            TimeoutError: the run takes longer than any demo should.
        """
        over = False
        while not over:
            self._shown, over = poll(
                self._change,
                timeout_seconds=_RUN_TIMEOUT_SECONDS,
                waiting_for="progress of the run",
                shortest_interval_seconds=_LOOK_SECONDS,
            )
            yield self._shown

    def failure(self) -> str | None:
        """Why the run as a whole failed, if it did."""
        run = self._machines.describe_execution(executionArn=self._execution_arn)
        return None if run["status"] == "SUCCEEDED" else f"{run['status']} {run.get('error')}: {run.get('cause')}"

    def _change(self) -> tuple[Snapshot, bool] | None:
        run = self._machines.describe_execution(executionArn=self._execution_arn)
        over, snapshot = (
            run["status"] != _RUNNING,
            Snapshot(self._plan(), self._exports(), sum(self._vendor.random_faults.values())),
        )
        return (snapshot, over) if over or snapshot != self._shown else None

    def _plan(self) -> int | None:
        """How many exports the plan has, once there is one: what the next state is given says so."""
        if self._planned is None:
            history: Any = self._machines.get_execution_history(executionArn=self._execution_arn)["events"]
            entered = [event["stateEnteredEventDetails"] for event in history if "stateEnteredEventDetails" in event]
            self._planned = next((json.loads(state["input"]).get("planned") for state in entered[1:2]), None)
        return self._planned

    def _exports(self) -> list[Progress]:
        listed = self._machines.list_executions(stateMachineArn=self._exports_arn)["executions"]
        return sorted(self._progress(execution["executionArn"]) for execution in listed)

    def _progress(self, arn: str) -> Progress:
        if arn in self._ended:
            return self._ended[arn]
        execution: Any = self._machines.describe_execution(executionArn=arn)
        asked = json.loads(execution["input"])
        progress = Progress(asked["kind"], asked["day"], execution["status"], self._doing(arn, execution))
        if execution["status"] != _RUNNING:
            self._ended[arn] = progress
        return progress

    def _doing(self, arn: str, execution: Any) -> str:  # noqa: ANN401 - the engine's own document
        match execution["status"]:
            case "SUCCEEDED":
                return str(json.loads(execution["output"])["archived"]["outcome"])
            case "RUNNING":
                return self._state(arn)
            case _:
                return f"{execution.get('error')}: {execution.get('cause')}"

    def _state(self, arn: str) -> str:
        history = self._machines.get_execution_history(executionArn=arn, reverseOrder=True)["events"]
        entered = (
            event["stateEnteredEventDetails"]["name"] for event in history if "stateEnteredEventDetails" in event
        )
        return next(entered, "starting")
