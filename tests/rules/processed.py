"""The template as AWS deploys it: the SAM transform done, conditions decided, parameters and names filled in."""

import copy
import re
from typing import Any

from local.release.template import translated
from tests.support.builders.stack_parameters import ALL_ON
from tests.support.template.document import TEMPLATE
from tests.support.template.rendering import Rendering

_SECRET = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:huawei-cloud-a1b2c3"
_PSEUDO = {
    "AWS::AccountId": "123456789012",
    "AWS::Partition": "aws",
    "AWS::Region": "eu-central-1",
    "AWS::StackName": "workspace-exports",
    "AWS::URLSuffix": "amazonaws.com",
}
_REFERENCE = re.compile(r"\$\{([^!}][^}]*)\}")

MANDATORY = {"WorkspaceRegion": "ap-southeast-3", "CredentialsSecretArn": _SECRET}
EVERYTHING = MANDATORY | dict(ALL_ON) | {"TargetSecretArns": _SECRET}
"""Parameters that turn on all there is to turn on."""


class Processed(Rendering):
    """The template after the SAM transform, which AWS makes anew for each set of parameters."""

    def __init__(self, **parameters: str) -> None:
        document = copy.deepcopy(TEMPLATE)
        document["Globals"]["Function"]["CodeUri"] = {"Bucket": "packages", "Key": "lambda.zip"}
        self.template = translated(document, parameters)
        super().__init__(**parameters)
        for name, declared in self.template["Parameters"].items():
            if declared["Type"] == "Number":
                self.parameters[name] = int(self.parameters[name])
            elif declared["Type"].startswith(("CommaDelimitedList", "List<")):
                self.parameters[name] = self.parameters[name].split(",")
        self.parameters |= _PSEUDO

    def resources(self) -> dict[str, Any]:
        """Return what is deployed; a resource refers to another one by `Ref` or `Fn::GetAtt`."""
        return {
            name: {
                part: self._value(value) for part, value in declared.items() if part not in {"Condition", "Metadata"}
            }
            for name, declared in self.template["Resources"].items()
            if self.has(name)
        }

    def _fn_or(self, conditions: list[Any]) -> bool:
        return any(self._value(condition) for condition in conditions)

    def _fn_eachmemberequals(self, compared: list[Any]) -> bool:
        members, value = (self._value(part) for part in compared)
        return all(member == value for member in members)

    def _fn_getatt(self, attribute: Any) -> dict[str, Any]:
        return {"Fn::GetAtt": attribute.split(".", 1) if isinstance(attribute, str) else attribute}

    def _fn_sub(self, substituted: Any) -> Any:
        text, variables = (substituted, {}) if isinstance(substituted, str) else self._value(substituted)
        pieces = _REFERENCE.split(text)
        pieces[1::2] = [variables[name] if name in variables else self._named(name) for name in pieces[1::2]]
        pieces[::2] = [piece.replace("${!", "${") for piece in pieces[::2]]
        return _joined("", [piece for piece in pieces if piece != ""])

    def _fn_join(self, joined: list[Any]) -> Any:
        separator, parts = joined
        return _joined(separator, self._value(parts))

    def _named(self, name: str) -> Any:
        return self._fn_getatt(name) if "." in name else self._ref(name)


def _joined(separator: str, parts: list[Any]) -> Any:
    """Return one text, with a resource's name in the template in place of the one that AWS gives it.

    A text that begins with an attribute, as `${Bucket.Arn}/*` does, stays a join: rules look for the resource there.
    """
    if separator == "" and parts and isinstance(parts[0], dict) and "Fn::GetAtt" in parts[0]:
        return {"Fn::Join": ["", [parts[0], _joined("", parts[1:])]]} if parts[1:] else parts[0]
    return separator.join(map(_text, parts))


def _text(part: Any) -> str:
    match part:
        case {"Ref": name}:
            return str(name)
        case {"Fn::GetAtt": [name, *_]}:
            return str(name)
    return str(part)
