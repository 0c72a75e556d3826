"""Deploys a SAM template to the engine through CloudFormation, as it would be deployed to AWS."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.artifact import Artifact
from local.engine.localising import bootstrap_package, localised
from local.engine.polling import poll
from local.engine.server import LocalEngine

_TIMEOUT_SECONDS = 30.0
_BUCKET = "local-deployments"


class DeploymentError(RuntimeError):
    """The stack could not be created or updated; the message lists what went wrong, resource by resource."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A deployed template.

    Attributes:
        outputs: The template's Outputs.
        resources: Logical to physical ids; a state machine's is its ARN, a function's its name.
        http_url: Base URL of the HTTP API, if the template has one; the Url in its Outputs leads to real AWS.
    """

    name: str
    outputs: Mapping[str, str]
    resources: Mapping[str, str]
    http_url: str | None


def deploy(
    engine: LocalEngine, template: Path, parameters: Mapping[str, str], artifact: Artifact, name: str = "local"
) -> Stack:
    """Deploy ``template``, its functions running the code of ``artifact``.

    Raises:
        DeploymentError: CloudFormation refused it.
    """
    request = _request(name, _upload(engine, template, artifact, name), parameters)
    engine.client("cloudformation").create_stack(**request, OnFailure="DO_NOTHING")
    _settle(engine, name, "CREATE_COMPLETE")
    return _described(engine, name)


def update(
    engine: LocalEngine, template: Path, parameters: Mapping[str, str], artifact: Artifact, name: str = "local"
) -> Stack:
    """Deploy ``template`` over the stack of that name, as a second `sam deploy` would; what runs goes on.

    Raises:
        DeploymentError: CloudFormation refused it.
    """
    engine.client("cloudformation").update_stack(
        **_request(name, _upload(engine, template, artifact, name), parameters)
    )
    _settle(engine, name, "UPDATE_COMPLETE")
    return _described(engine, name)


def _described(engine: LocalEngine, name: str) -> Stack:
    cloud = engine.client("cloudformation")
    stack = cloud.describe_stacks(StackName=name)["Stacks"][0]
    described = cloud.describe_stack_resources(StackName=name)["StackResources"]
    resources = {resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "") for resource in described}
    apis = [r["PhysicalResourceId"] for r in described if r["ResourceType"] == "AWS::ApiGatewayV2::Api"]
    return Stack(
        name=name,
        outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])},
        resources=resources,
        # The path form needs no Host header and no name resolution.
        http_url=f"{engine.url}/_aws/execute-api/{apis[-1]}/$default" if apis else None,
    )


def _upload(engine: LocalEngine, template: Path, artifact: Artifact, name: str) -> str:
    """Put the code and the localised template where CloudFormation can read them; give the template's URL."""
    code, document = f"{name}/code.zip", f"{name}/template.json"
    storage = engine.client("s3")
    storage.create_bucket(Bucket=_BUCKET)
    storage.put_object(Bucket=_BUCKET, Key=code, Body=bootstrap_package(artifact))
    body = json.dumps(localised(template, {"Bucket": _BUCKET, "Key": code}))
    storage.put_object(Bucket=_BUCKET, Key=document, Body=body.encode())
    return f"{engine.url}/{_BUCKET}/{document}"


def _request(name: str, template_url: str, parameters: Mapping[str, str]) -> Any:  # noqa: ANN401 - boto3's own words
    return {
        "StackName": name,
        "TemplateURL": template_url,
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    }


def _settle(engine: LocalEngine, name: str, wanted: str) -> None:
    """Wait until nothing changes any more.

    Raises:
        DeploymentError: It did not end as wanted.
    """

    def settled() -> str | None:
        status = engine.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        return None if status.endswith("_IN_PROGRESS") else status

    status = poll(settled, timeout_seconds=_TIMEOUT_SECONDS, waiting_for=f"the stack {name}")
    if status != wanted:
        raise DeploymentError(f"{name} ended as {status}: {'; '.join(_failures(engine, name))}")


def _failures(engine: LocalEngine, name: str) -> list[str]:
    events = engine.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return [
        f"{event.get('LogicalResourceId')} {event.get('ResourceStatusReason', 'without a reason')}"
        for event in reversed(events)
        if event.get("ResourceStatus", "").endswith("FAILED")
    ]
