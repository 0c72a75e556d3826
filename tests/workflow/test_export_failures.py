"""Every way an export can go, through the real machine: path, attempts, and what is said at its end."""

import json
from collections.abc import Iterable
from typing import Any

import pytest

from tests.support.fixtures.deployment import Deployment
from tests.workflow.scenarios import FAILURES, HEALED, Scenario, check, last_input

IN_CHECK = {
    "failure-not-recorded",
    "fetch-throttled-for-long",
    "function-cut-off",
    "function-died",
    "function-died-twice",
    "order-throttled-for-long",
    "task-failed-once",
    "task-lost-at-a-look-once",
    "task-lost-at-the-download-once",
    "throttled-look",
    "throttled-order",
    "vendor-unavailable-look",
}
"""Rows that take long, each with a near neighbour that stays."""


def rows(scenarios: Iterable[Scenario]) -> list[Any]:
    return [
        pytest.param(one, id=one.name, marks=pytest.mark.check if one.name in IN_CHECK else ()) for one in scenarios
    ]


def failures_kept(deployment: Deployment) -> dict[str, object]:
    kept = {key: json.loads(content) for key, content in deployment.objects("failures/").items()}
    return {key: record for key, record in kept.items() if record}


@pytest.mark.parametrize("scenario", rows(FAILURES))
def test_a_failure_ends_in_its_name_and_says_all_that_is_known(scenario: Scenario, deployment: Deployment) -> None:
    played = scenario.play(deployment, deployment.run)
    execution = played.execution
    assert (execution.status, execution.error) == ("FAILED", scenario.error)
    check(scenario, played)
    assert deployment.landed() == {}
    record = last_input(execution)["failure"].get("Record", {})
    kept = failures_kept(deployment)
    assert list(kept.values()) == [{k: v for k, v in record.items() if k != "cause"}] * len(kept)
    assert bool(kept) is ("kind" in record)


@pytest.mark.parametrize("scenario", rows(HEALED))
def test_what_can_be_helped_lands(scenario: Scenario, deployment: Deployment) -> None:
    played = scenario.play(deployment, deployment.run)
    assert played.execution.status == "SUCCEEDED", played.execution.cause
    check(scenario, played)
    assert len(deployment.landed()) == 2
    assert failures_kept(deployment) == {}
