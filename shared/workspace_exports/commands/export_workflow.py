"""Export workflow in this process: order, wait, look, fetch, by the same rules as the state machine on AWS."""

import json
import random
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any, TypeVar

from workspace_exports.archive.execution_failure import FailedExecution
from workspace_exports.commands.command_settings import CommandSettings
from workspace_exports.commands.stopping import StoppableDeadline, wait_unless
from workspace_exports.commands.workflow_rules import (
    FETCH,
    LOOK,
    MOST_PAUSES,
    ORDER,
    RECORD,
    RetryRule,
    WorkflowStep,
    longest_extra_seconds,
)
from workspace_exports.core.contract import Contract
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import ExportError, Throttled, about
from workspace_exports.core.log import logger
from workspace_exports.core.validation import parse
from workspace_exports.events import ArchivedExport, ObservedExport, StartRequest, TaskStatus
from workspace_exports.lifecycle.fetch import fetch_file
from workspace_exports.lifecycle.order import start_export
from workspace_exports.lifecycle.poll import poll_status
from workspace_exports.lifecycle.record import record_failure

RequestT = TypeVar("RequestT", bound=Contract)
ResultT = TypeVar("ResultT")
UseCase = Callable[[RequestT, CommandSettings, Deadline], ResultT]
Tell = Callable[[str], None]

_LAST_WORDS_SECONDS = 1.0
"""Part of a step's time that is reserved for its error, as in a function."""


@dataclass(slots=True)
class ExportState:
    """State of one export, as the state machine keeps it.

    Attributes:
        export: the export as the last step returned it; None if nothing was ordered.
        pauses: the number of pauses so far because the vendor throttles.
        ordered_again: the error that ended the first order, if there was a second.
    """

    export: ObservedExport | None = None
    pauses: int = 0
    ordered_again: Exception | None = None

    def failed_by(self, error: Exception) -> dict[str, Any]:
        """Return the document that record-failure takes."""
        return {
            "export": self.export.model_dump(mode="json") if self.export else None,
            "failure": _caught(error),
            "ordered_again": _caught(self.ordered_again) if self.ordered_again else None,
        }


@dataclass(frozen=True, slots=True)
class ExportEnd:
    """End of an export: archived, or failed.

    Attributes:
        archived: the result; None if the export failed.
        error: the class of its failure.
        text: the failure as it is recorded and reported.
    """

    archived: ArchivedExport | None = None
    error: str | None = None
    text: str = ""


@dataclass(frozen=True)
class ExportWorkflow:
    """Export workflow over one set of settings.

    Attributes:
        settings: those of all steps.
        tell: takes a few words about each step, for a person who waits.
        stopped: ends waits and downloads once it is set.
        draw: returns a random number between both.
        orders: by project, lets one order at a time be without an answer. The vendor's list names neither kind nor
            window, so that after a crash only a single such order can be told from the others, and is not placed again.
    """

    settings: CommandSettings
    tell: Tell = lambda _: None
    stopped: Event = field(default_factory=Event)
    draw: Callable[[float, float], float] = random.uniform
    orders: dict[str | None, Lock] = field(default_factory=dict)

    def run(self, request: object) -> ArchivedExport:
        """Bring the export into the archive.

        Args:
            request: the document that start-export takes.

        Raises:
            ExportError: the error that the state machine would end in; nothing is recorded.
        """
        return self._run(request, ExportState())

    def run_and_record(self, request: object) -> ExportEnd:
        """Bring the export into the archive, or keep the reason of the failure there."""
        state = ExportState()
        try:
            return ExportEnd(self._run(request, state))
        except Exception as error:  # noqa: BLE001 - as the state machine catches States.ALL
            return self._recorded(request, state, error)

    def call(
        self, step: WorkflowStep, use_case: UseCase[RequestT, ResultT], contract: type[RequestT], document: object
    ) -> ResultT:
        """Call the step's use case as often as its rules allow.

        Raises:
            ExportError: the error of the last call.
        """
        retried: Counter[RetryRule] = Counter()
        while True:
            try:
                return self.attempt(step, use_case, contract, document)
            except ExportError as error:
                rule = step.rule_for(error)
                if rule is None or retried[rule] == rule.attempts:
                    raise
                retried[rule] += 1
                pause = self.draw(0, rule.longest_pause(retried[rule]))
                self.tell(f"{error.what}; trying again in {pause:.0f} s")
            self.wait(pause)

    def attempt(
        self, step: WorkflowStep, use_case: UseCase[RequestT, ResultT], contract: type[RequestT], document: object
    ) -> ResultT:
        """Call the step's use case once, as the function's handler does."""
        deadline = StoppableDeadline.until(step.seconds - _LAST_WORDS_SECONDS, self.stopped)
        request = parse(contract, document)
        alone: AbstractContextManager[object] = nullcontext()
        if isinstance(request, StartRequest):
            alone = self.orders.setdefault(request.project_id, Lock())
        with about(**request.log_fields), alone:
            return use_case(request, self.settings_of(step), deadline)

    def wait(self, seconds: float) -> None:
        """Wait that long.

        Raises:
            KeyboardInterrupt: the run is stopped.
        """
        wait_unless(self.stopped, seconds)

    def settings_of(self, _step: WorkflowStep) -> CommandSettings:
        """Return the settings of a step; on AWS, each function has its own."""
        return self.settings

    def _run(self, request: object, state: ExportState) -> ArchivedExport:
        step = ORDER
        while True:
            try:
                taken = self._take(step, request, state)
                if isinstance(taken, ArchivedExport):
                    return taken
                step = taken
            except Throttled as error:
                if not step.waits_if_throttled:
                    raise
                self._pause(error, state)
            except ExportError as error:
                if not isinstance(error, step.orders_again) or state.ordered_again:
                    raise
                self.tell(f"{error.what}; ordering again, once")
                state.ordered_again, step = error, ORDER

    def _take(self, step: WorkflowStep, request: object, state: ExportState) -> WorkflowStep | ArchivedExport:
        """Take one step, and return the next; the export after the last."""
        if step is ORDER:
            self._order(request, state)
            return LOOK
        if step is FETCH:
            self.tell(f"fetching {(state.export and state.export.file_name) or 'the file'}")
            return self.call(FETCH, fetch_file, ObservedExport, state.export)
        looked = state.export = self.call(LOOK, poll_status, ObservedExport, state.export)
        self.tell(f"the vendor says {looked.status}")
        if looked.status is not TaskStatus.CREATING:
            return FETCH
        self.wait(looked.wait_seconds)
        return LOOK

    def _order(self, request: object, state: ExportState) -> None:
        ordered = self.call(ORDER, start_export, StartRequest, request)
        state.export = ObservedExport(**ordered.model_dump())
        how = "ordered" if ordered.wait_seconds else "archived already"
        self.tell(f"{'ordered before' if ordered.adopted_at else how}, task {ordered.task_id}")
        self.wait(ordered.wait_seconds)

    def _pause(self, error: Throttled, state: ExportState) -> None:
        """Wait as long as the vendor asks, and a random time more.

        Raises:
            Throttled: there were too many pauses.
        """
        seconds = error.pause_seconds + self.draw(0, longest_extra_seconds(state.pauses))
        state.pauses += 1
        if state.pauses > MOST_PAUSES:
            raise error
        self.tell(f"{error.what}; trying again in {seconds:.0f} s")
        self.wait(seconds)

    def _recorded(self, request: object, state: ExportState, error: Exception) -> ExportEnd:
        failed = {"request": request, "state": state.failed_by(error)}
        try:
            told = self.call(RECORD, record_failure, FailedExecution, failed)
        except Exception as refusal:  # noqa: BLE001 - the export ends with its own error, recorded or not
            logger.warning("failure not recorded", error=type(refusal).__name__, detail=str(refusal))
            return ExportEnd(error=type(error).__name__, text=str(error))
        return ExportEnd(error=told.error, text=told.cause)


def _caught(error: Exception) -> dict[str, str]:
    """Return the error as Lambda hands it to a Catch."""
    name = type(error).__name__
    return {"Error": name, "Cause": json.dumps({"errorMessage": str(error), "errorType": name})}
