"""The rules that a run in one process follows are those of the state machines in template.yaml, value by value."""

import re
from itertools import pairwise
from typing import Any

import pytest

from tests.support.template.document import PLATFORM, RESOURCES, TEMPLATE
from workspace_exports.commands import workflow_rules as rules
from workspace_exports.commands.workflow_rules import WorkflowStep

EXPORT: dict[str, Any] = RESOURCES["ExportWorkflow"]["Properties"]["Definition"]["States"]
ARCHIVE: dict[str, Any] = RESOURCES["ArchiveWorkflow"]["Properties"]["Definition"]["States"]
STATES = EXPORT | ARCHIVE
STEPS = {step.state: step for step in vars(rules).values() if isinstance(step, WorkflowStep)}
CALLS = {name for name, state in STATES.items() if str(state.get("Resource", "")).startswith("${")}
"""The states that call a function."""
RECORD = "Record why it failed"
every_step = pytest.mark.parametrize("step", STEPS.values(), ids=lambda step: step.state)


def ours(retrier: dict[str, Any]) -> list[str]:
    return [name for name in retrier["ErrorEquals"] if name not in PLATFORM]


def test_every_call_of_a_function_has_its_rules() -> None:
    assert set(STEPS) == CALLS


@every_step
def test_a_step_is_retried_after_the_same_errors_as_often_and_after_the_same_pauses(step: WorkflowStep) -> None:
    stated = [
        (names, one["IntervalSeconds"], one["MaxDelaySeconds"], one["MaxAttempts"])
        for one in STATES[step.state]["Retry"]
        if (names := ours(one))
    ]
    assert stated == [
        (
            [error.__name__ for error in rule.errors],
            rule.first_pause_seconds,
            rule.longest_pause_seconds,
            rule.attempts,
        )
        for rule in step.retries
    ]


@every_step
def test_every_pause_may_double_and_is_drawn_from_nothing_to_its_longest(step: WorkflowStep) -> None:
    assert {(one["BackoffRate"], one["JitterStrategy"]) for one in STATES[step.state]["Retry"]} == {(2, "FULL")}
    for rule in step.retries:
        pauses = [rule.longest_pause(number) for number in range(1, rule.attempts + 1)]
        assert pauses[0] == rule.first_pause_seconds
        assert max(pauses) <= rule.longest_pause_seconds
        assert all(after in {before * 2, rule.longest_pause_seconds} for before, after in pairwise(pauses))


@pytest.mark.parametrize("name", sorted(CALLS & set(EXPORT) - {RECORD}))
def test_what_is_caught_leads_to_the_same(name: str) -> None:
    step = STEPS[name]
    catches = {tuple(one["ErrorEquals"]): one["Next"] for one in EXPORT[name]["Catch"]}
    expected: dict[tuple[str, ...], str] = {("States.ALL",): RECORD}
    if step.waits_if_throttled:
        (pause,) = (one for names, one in catches.items() if names == ("Throttled",))
        assert EXPORT[pause]["Next"] == "Read what the function said"
        resumed = EXPORT["Which step was throttled?"]
        ways = {one["StringEquals"]: one["Next"] for one in resumed["Choices"]}
        assert ways.get(EXPORT[pause]["Result"], resumed["Default"]) == name
        expected["Throttled",] = pause
    if step.orders_again:
        expected[tuple(error.__name__ for error in step.orders_again)] = "Has it been ordered again already?"
    assert catches == expected


def test_a_failure_that_cannot_be_recorded_changes_no_error() -> None:
    assert EXPORT[RECORD]["Catch"] == [
        {"ErrorEquals": ["States.ALL"], "ResultPath": "$.unrecorded", "Next": "The export failed"}
    ]
    assert STEPS[RECORD].retries == ()


def test_throttled_exports_wait_for_the_same_ranges_and_give_up_after_as_many_pauses() -> None:
    text = EXPORT["Read how long to wait"]["Parameters"]["seconds.$"]
    (ranges,) = re.findall(r"States\.Array\(([\d,\s]+)\)", text)
    longest = [int(number) for number in ranges.split(",")]
    assert [rules.longest_extra_seconds(pauses) for pauses in range(len(longest))] == longest
    (bound,) = EXPORT["Has it been throttled too often?"]["Choices"]
    assert bound["NumericGreaterThan"] == rules.MOST_PAUSES == len(longest) - 1


@every_step
def test_a_use_case_has_as_long_as_its_function(step: WorkflowStep) -> None:
    resource = STATES[step.state]["Resource"].strip("${}")
    function = RESOURCES[f"{resource}Function"]["Properties"]
    assert step.seconds == function.get("Timeout", TEMPLATE["Globals"]["Function"].get("Timeout"))


def test_as_many_exports_are_under_way_at_once() -> None:
    parameter = TEMPLATE["Parameters"]["ExportsAtOnce"]
    assert (parameter["Default"], parameter["MaxValue"]) == (rules.EXPORTS_AT_ONCE, rules.MOST_AT_ONCE)
