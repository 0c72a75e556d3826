"""The template as it is written: resources, functions, state machines and what their roles may do."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from local.cloudformation import read_template

ROOT = Path(__file__).parents[3]
SOURCE = (ROOT / "template.yaml").read_text(encoding="utf-8")
TEMPLATE = read_template(ROOT / "template.yaml")
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
HTTP_ONLY = {"FetchFileOverHttpFunction", "ShowCoverageFunction"}
"""Functions no workflow calls."""


def allow(action: object, resource: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def below(keys: str) -> dict[str, str]:
    return {"Fn::Sub": f"${{ArchiveBucket.Arn}}/workspace-exports/{keys}"}


def of_type(kind: str) -> dict[str, Any]:
    return {name: r["Properties"] for name, r in RESOURCES.items() if r["Type"] == f"AWS::Serverless::{kind}"}


NONE: dict[str, Any] = {"Ref": "AWS::NoValue"}


def states(definition: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in definition["States"].items():
        yield name, state
        if "ItemProcessor" in state:
            yield from states(state["ItemProcessor"])


def statements(properties: dict[str, Any]) -> list[dict[str, Any]]:
    """What it may do beyond SAM's own policy templates, which are as narrow as their parameter.

    Under every condition, whether it is true or not.
    """
    stated = _stated(properties)
    return [
        branch for statement in stated for branch in statement.get("Fn::If", [None, statement])[1:] if branch != NONE
    ]


def _stated(properties: dict[str, Any]) -> list[dict[str, Any]]:
    """Its own statements, behind those that it shares."""
    policies = properties.get("Policies", [])
    shared = RESOURCES["LandFiles"]["Properties"]["PolicyDocument"] if {"Ref": "LandFiles"} in policies else {}
    return [statement for policy in (shared, *policies) for statement in policy.get("Statement", [])]


def conditions(properties: dict[str, Any]) -> dict[str, str]:
    """The conditional ones: the condition by the action."""
    stated = [statement for statement in _stated(properties) if "Fn::If" in statement]
    return {branch["Action"]: name for name, *branches in (s["Fn::If"] for s in stated) for branch in branches[:1]}


MACHINES = of_type("StateMachine")
FUNCTIONS = of_type("Function")
STATES = [(f"{m}: {n}", s) for m, machine in MACHINES.items() for n, s in states(machine["Definition"])]
FUNCTION_OF = {
    "POST /exports": "StartExportFunction",
    "GET /exports/{task_id}": "PollStatusFunction",
    "POST /exports/{task_id}/file": "FetchFileOverHttpFunction",
    "GET /coverage": "ShowCoverageFunction",
}
PLATFORM = {
    "Sandbox.Timedout",
    "Runtime.ExitError",
    "States.Timeout",
    "Lambda.Unknown",
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "StepFunctions.SdkClientException",
    "StepFunctions.AWSStepFunctionsException",
    "StepFunctions.ExecutionLimitExceeded",
    "StepFunctions.ExecutionLimitExceededException",
}
"""What AWS itself reports that passes."""
