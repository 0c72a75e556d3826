"""All that a deployment says of what it does, to whoever may read along: logs, executions, the archive's records."""

import json
from dataclasses import dataclass
from typing import Any

from local.engine import executions
from tests.support.fixtures.deployment import Deployment


@dataclass(frozen=True, slots=True)
class Baseline:
    """What has been said since a moment: lines that functions wrote before, and executions begun, are passed over."""

    deployment: Deployment
    before: dict[str, int]
    begun: set[str]

    def lines(self) -> dict[str, list[str]]:
        """By the logical id of the function."""
        return {name: lines[self.before[name] :] for name, lines in _lines(self.deployment).items()}

    def logged(self) -> dict[str, list[dict[str, Any]]]:
        """The structured lines; metrics are none."""
        return {
            name: [json.loads(line) for line in lines if line.startswith('{"level"')]
            for name, lines in self.lines().items()
        }

    def output(self) -> list[str]:
        """Every line of every function."""
        return [line for lines in self.lines().values() for line in lines]

    def executions(self) -> list[executions.Execution]:
        """Every execution, with its history."""
        arns = _executions(self.deployment) - self.begun
        return [executions.wait(self.deployment.engine, arn) for arn in sorted(arns)]


def since_now(deployment: Deployment) -> Baseline:
    """From now on."""
    lines = {name: len(lines) for name, lines in _lines(deployment).items()}
    return Baseline(deployment, lines, _executions(deployment))


def records_of(deployment: Deployment) -> dict[str, str]:
    """What is in the archive beside the vendor's files."""
    return {key: content.decode() for key, content in deployment.objects().items() if not key.startswith("data/")}


def _executions(deployment: Deployment) -> set[str]:
    machines = deployment.engine.client("stepfunctions")
    return {
        listed["executionArn"]
        for name in ("ArchiveWorkflow", "ExportWorkflow")
        for page in machines.get_paginator("list_executions").paginate(
            stateMachineArn=deployment.stack.outputs[f"{name}Arn"]
        )
        for listed in page["executions"]
    }


def _lines(deployment: Deployment) -> dict[str, list[str]]:
    functions = {name: own for name, own in deployment.stack.resources.items() if name.endswith("Function")}
    return {name.removesuffix("Function"): deployment.engine.logs(own) for name, own in functions.items()}
