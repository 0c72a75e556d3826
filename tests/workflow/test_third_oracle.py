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


ROWS = [
    pytest.param(one, id=one.name, marks=() if n % 3 == 0 else pytest.mark.nightly)
    for n, one in enumerate([*FAILURES, *HEALED])
]
"""Every third scenario; ministack plays them all, and both are compared with the same files."""


@pytest.mark.parametrize("scenario", ROWS)
def test_localstack_agrees(scenario: Scenario, deployment: Deployment, localstack: ThirdOracle) -> None:
    localstack.forget()
    check(scenario, scenario.play(deployment, localstack.run))
