"""The template as CloudFormation processes it: SAM's roles in it, and every intrinsic function resolved."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from local.cloudformation import read_template
from local.engine.environment import ACCOUNT, REGION
from local.release.template import translated
from tests.support.builders.stack_parameters import ALL_ON
from tests.support.template.document import ROOT
from tests.support.template.rendering import Rendering

_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f0f0f0f-0000-4000-8000-00000000000"
ARCHIVE_KEY, SECRET_KEY, TOPIC_KEY, LOG_KEY = (f"{_KEY}{n}" for n in range(4))
_SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret"
CREDENTIALS, TARGET_CREDENTIALS = f"{_SECRET}:workspace-exports-AbCdEf", f"{_SECRET}:of-a-target-AbCdEf"

EVERYTHING = dict(ALL_ON) | {
    "WorkspaceRegion": "ap-southeast-3",
    "WorkspaceProjectId": "",
    "CredentialsSecretArn": CREDENTIALS,
    "CredentialsKeyArn": SECRET_KEY,
    "TargetSecretArns": TARGET_CREDENTIALS,
    "ArchiveKeyArn": ARCHIVE_KEY,
    "TopicKeyArn": TOPIC_KEY,
    "LogKeyArn": LOG_KEY,
}
"""Parameters that turn on all there is, with a key of its own for each use."""
ONE_PROJECT = EVERYTHING | {"ArchiveTargets": "false", "TargetSecretArns": ""}
"""The same where one project is archived, and looked up by region: then plan-archive signs in."""

_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "workspace-exports",
    "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/workspace-exports/1",
}
_HERE = f"{REGION}:{ACCOUNT}"
_ARNS = {
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::Lambda::Function": f"arn:aws:lambda:{_HERE}:function:{{name}}",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:{_HERE}:stateMachine:{{name}}",
    "AWS::SNS::Topic": f"arn:aws:sns:{_HERE}:{{name}}",
    "AWS::SQS::Queue": f"arn:aws:sqs:{_HERE}:{{name}}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{name}}",
    "AWS::IAM::ManagedPolicy": f"arn:aws:iam::{ACCOUNT}:policy/{{name}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:{_HERE}:log-group:{{name}}:*",
    "AWS::Scheduler::ScheduleGroup": f"arn:aws:scheduler:{_HERE}:schedule-group/{{name}}",
}
_NAMED_BY_ARN = {"AWS::StepFunctions::StateMachine", "AWS::SNS::Topic", "AWS::IAM::ManagedPolicy"}
"""Types whose Ref is an ARN."""


def _transformed(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return what SAM makes of the template; some of it depends on parameters, as CloudFormation hands them to it."""
    document = read_template(ROOT / "template.yaml")
    document["Globals"]["Function"]["CodeUri"] = "s3://packages/lambda.zip"
    return translated(document, parameters)


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy of a role: where it stands in the template, and its document; none where it is AWS's own."""

    name: str
    document: dict[str, Any] | None


class Processed(Rendering):
    """A deployment with given parameters; every resource is called by its logical name."""

    def __init__(self, **parameters: str) -> None:
        super().__init__(**parameters)
        self._template = _transformed(self.parameters)

    @cached_property
    def resources(self) -> dict[str, dict[str, Any]]:
        """What there is with these parameters, by logical name, resolved."""
        found = self._template["Resources"].items()
        return {
            name: self._value(resource)
            for name, resource in found
            if "Condition" not in resource or self.holds(resource["Condition"])
        }

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of all resources of that type."""
        return {name: r.get("Properties", {}) for name, r in self.resources.items() if r["Type"] == kind}

    def arn(self, name: str) -> str:
        """Return the ARN of a resource."""
        return _ARNS[self._template["Resources"][name]["Type"]].format(name=name)

    def roles(self) -> dict[str, list[Policy]]:
        """Return every role with its policies."""
        roles = self.of_type("AWS::IAM::Role")
        managed = {
            self.arn(name): Policy(name, own["PolicyDocument"])
            for name, own in self.of_type("AWS::IAM::ManagedPolicy").items()
        }
        attached = self.of_type("AWS::IAM::Policy").values()
        return {
            name: [
                *(managed.get(arn, Policy(arn, None)) for arn in role.get("ManagedPolicyArns", [])),
                *(Policy(inline["PolicyName"], inline["PolicyDocument"]) for inline in role.get("Policies", [])),
                *(Policy(own["PolicyName"], own["PolicyDocument"]) for own in attached if name in own["Roles"]),
            ]
            for name, role in roles.items()
        }

    def role_of(self, name: str) -> str:
        """Return the name of the role that a function or a state machine works by."""
        properties = self.resources[name]["Properties"]
        return str(properties.get("Role", properties.get("RoleArn"))).rpartition("/")[2]

    def definition(self, machine: str) -> dict[str, Any]:
        """Return a state machine in the States Language, with what is put in for its placeholders."""
        properties = self._template["Resources"][machine]["Properties"]
        text = (
            json.dumps(properties["Definition"])
            if "Definition" in properties
            else self._value(properties["DefinitionString"])
        )
        for name, value in self._value(properties["DefinitionSubstitutions"]).items():
            text = text.replace(f"${{{name}}}", str(value))
        return cast("dict[str, Any]", json.loads(text))

    def _ref(self, name: str) -> Any:
        if name in _PSEUDO:
            return _PSEUDO[name]
        if name not in self.parameters:
            resource = self._template["Resources"][name]
            return self.arn(name) if resource["Type"] in _NAMED_BY_ARN else name
        value = self.parameters[name]
        is_list = self._template["Parameters"][name]["Type"] == "CommaDelimitedList"
        return value.split(",") if is_list else value

    def _fn_getatt(self, path: list[str]) -> Any:
        name, attribute = path
        return self.arn(name) if attribute == "Arn" and self._template["Resources"][name]["Type"] in _ARNS else name

    def _fn_sub(self, argument: Any) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})
        parts = str(text).split("${")
        return parts[0] + "".join(self._substituted(part, own) for part in parts[1:])

    def _substituted(self, part: str, own: dict[str, Any]) -> str:
        name, _, rest = part.partition("}")
        if name.startswith("!"):
            return f"${{{name[1:]}}}{rest}"
        resource, _, attribute = name.partition(".")
        value = (
            self._value(own[name])
            if name in own
            else self._fn_getatt([resource, attribute])
            if attribute
            else self._ref(name)
        )
        return f"{value}{rest}"


def states_in(definition: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every state of a state machine, those inside of maps too."""
    for state in definition["States"].values():
        yield state
        if "ItemProcessor" in state:
            yield from states_in(state["ItemProcessor"])
