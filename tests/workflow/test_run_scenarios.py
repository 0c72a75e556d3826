"""Every way an archive run can go, on both interpreters that run a distributed Map: path, items, end, what is heard."""

from collections.abc import Iterator

import pytest

from tests.support.fixtures.archive_runs import Audience
from tests.support.fixtures.deployment import Deployment
from tests.workflow.run_scenarios import DIFFERENCES, RUNS, FirstInterpreter, RunScenario, check
from tests.workflow.third_oracle import ThirdOracle, third_oracle

pytestmark = pytest.mark.check

FEWER = [pytest.param(run, id=run.name, marks=() if n % 3 == 0 else pytest.mark.nightly) for n, run in enumerate(RUNS)]
"""Every third run; ministack plays them all, and both are compared with the same files."""


@pytest.fixture(scope="module")
def localstack(deployed: Deployment) -> Iterator[ThirdOracle]:
    with third_oracle(deployed) as oracle:
        yield oracle


@pytest.mark.parametrize("scenario", RUNS, ids=lambda scenario: scenario.name)
def test_ministack_tells_it_so(scenario: RunScenario, deployment: Deployment, audience: Audience) -> None:
    check(scenario, scenario.play(deployment, audience, FirstInterpreter(deployment)))


@pytest.mark.parametrize("scenario", FEWER)
def test_localstack_tells_it_so(
    scenario: RunScenario, deployment: Deployment, audience: Audience, localstack: ThirdOracle
) -> None:
    localstack.forget()
    check(scenario, scenario.play(deployment, audience, localstack), differences=DIFFERENCES)
