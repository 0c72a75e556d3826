"""Rules of both workflows: the time of each step, its retries, and the errors that lead to another order.

`template.yaml` states the same for Step Functions, in the States Language. tests/template/test_workflow_rules.py
compares every value, so that a run in one process and a run on AWS end alike.
"""

from dataclasses import dataclass

from workspace_exports.core.errors import (
    ArchiveUnavailable,
    BadFile,
    ExportError,
    FileExpired,
    TaskFailed,
    TaskLost,
    Throttled,
    VendorUnavailable,
)


@dataclass(frozen=True, slots=True)
class RetryRule:
    """Retrier of a step: the same call again, after a random part of a pause that grows.

    Attributes:
        errors: the classes that it retries.
        first_pause_seconds: the longest first pause; each further one may be twice as long.
        longest_pause_seconds: the limit of that growth.
        attempts: the number of retries, after the first call.
    """

    errors: tuple[type[ExportError], ...]
    first_pause_seconds: int
    longest_pause_seconds: int
    attempts: int

    def longest_pause(self, number: int) -> float:
        """Return the longest pause before that retry, counted from 1."""
        return min(self.longest_pause_seconds, self.first_pause_seconds * 2.0 ** (number - 1))


@dataclass(frozen=True, slots=True)
class WorkflowStep:
    """Step of a workflow: one call of a use case.

    Attributes:
        state: its name in the state machine.
        seconds: the time that the use case has.
        retries: the rules for a repetition; the first one that names the error applies.
        waits_if_throttled: whether the step is entered anew after a pause that the vendor asks for.
        orders_again: the errors after which the export is ordered once more.
    """

    state: str
    seconds: int
    retries: tuple[RetryRule, ...] = ()
    waits_if_throttled: bool = False
    orders_again: tuple[type[ExportError], ...] = ()

    def rule_for(self, error: ExportError) -> RetryRule | None:
        """Return the rule that retries the error; None if no rule does."""
        return next((rule for rule in self.retries if isinstance(error, rule.errors)), None)


_PASSING = (VendorUnavailable, ArchiveUnavailable)
_NO_FILE = (TaskFailed, TaskLost, FileExpired)
_AROUND_A_RUN = (RetryRule((Throttled, *_PASSING), 2, 60, 8),)

ORDER = WorkflowStep("Order the export", 25, (RetryRule(_PASSING, 5, 60, 5),), waits_if_throttled=True)
LOOK = WorkflowStep(
    "Look at the task", 25, (RetryRule(_PASSING, 5, 60, 6),), waits_if_throttled=True, orders_again=_NO_FILE
)
FETCH = WorkflowStep(
    "Fetch the file into the archive",
    900,
    (RetryRule((BadFile,), 5, 30, 6), RetryRule(_PASSING, 5, 60, 5)),
    waits_if_throttled=True,
    orders_again=_NO_FILE,
)
RECORD = WorkflowStep("Record why it failed", 29)
PLAN = WorkflowStep("Name the missing days", 180, _AROUND_A_RUN)
REPORT = WorkflowStep("Report what came of the run", 900, _AROUND_A_RUN)

MOST_PAUSES = 20
"""Most pauses for one export because the vendor throttles."""

_LONGEST_EXTRA_SECONDS = (10, 20, 40, 80, 120)


def longest_extra_seconds(pauses: int) -> int:
    """Return the longest random addition to the pause that the vendor asks for, after that many pauses."""
    return _LONGEST_EXTRA_SECONDS[min(pauses, len(_LONGEST_EXTRA_SECONDS) - 1)]


EXPORTS_AT_ONCE = 4
"""Number of exports that are under way at a time, unless the caller names another."""
MOST_AT_ONCE = 10
"""Limit of that number: the vendor throttles all calls of a project together."""
