"""The export's machine on LocalStack's interpreter: the same paths, attempts and ends, file for file."""

from collections.abc import Iterator

import pytest

from tests.support.fixtures.deployment import Deployment
from tests.workflow.scenarios import FAILURES, HEALED, Scenario, check
from tests.workflow.third_oracle import ThirdOracle, third_oracle

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def localstack(deployed: Deployment) -> Iterator[ThirdOracle]:
    with third_oracle(deployed) as oracle:
        yield oracle


@pytest.mark.parametrize("scenario", [*FAILURES, *HEALED], ids=lambda scenario: scenario.name)
def test_localstack_agrees(scenario: Scenario, deployment: Deployment, localstack: ThirdOracle) -> None:
    localstack.forget()
    check(scenario, scenario.play(deployment, localstack.run))
