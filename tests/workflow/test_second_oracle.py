"""The same machine on moto's Step Functions: the same paths, attempts and ends, file for file."""

from collections.abc import Iterator

import pytest

from local.engine import Execution
from tests.support.fixtures.deployment import WAIT_SCALE, Deployment
from tests.workflow.scenarios import FAILURES, HEALED, Scenario, check
from tests.workflow.second_oracle import SecondOracle, second_oracle

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def oracle(deployed: Deployment) -> Iterator[SecondOracle]:
    with second_oracle(deployed.engine, WAIT_SCALE) as oracle:
        yield oracle


@pytest.mark.parametrize("scenario", [*FAILURES, *HEALED], ids=lambda scenario: scenario.name)
def test_both_interpreters_agree(scenario: Scenario, deployment: Deployment, oracle: SecondOracle) -> None:
    def run(machine: str, payload: object) -> Execution:
        return oracle.run(deployment.stack.outputs[f"{machine}Arn"], payload)

    check(scenario, scenario.play(deployment, run))
