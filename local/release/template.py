"""Translates `template.yaml` into one that the console and StackSets take, which run no transform.

AWS runs the transform with the parameters of a deployment. Here it runs before there are any, and what it decides by
them becomes a condition of the translated template.
"""

import copy
import json
import logging
from collections.abc import Mapping
from typing import Any, Final

from samtranslator.translator.transform import transform

from local.artifact import ROOT
from local.artifact.target import Target
from local.cloudformation import read_template
from local.engine.environment import REGION, without_credentials

MOST_BYTES_BY_URL: Final = 1024 * 1024
"""The limit for a template that CloudFormation reads from S3."""
MOST_BYTES_IN_A_CALL: Final = 51_200
"""The limit for a template in the call itself, as `--template-body` sends it."""

_MANAGED = "arn:aws:iam::aws:policy/"
_ONLY_HERE = {"AWSXrayWriteOnlyAccess": "AWSXRayDaemonWriteAccess"}
"""Policies that other partitions lack, and what SAM takes there; that one is in all of them."""
_NONE = {"Ref": "AWS::NoValue"}
_GROUP = "The package"


class _NoPolicies:
    """The template names policies of its own, and AWS's by their ARN."""

    @staticmethod
    def load() -> dict[str, str]:
        return {}


def released(package: str, target: Target) -> str:
    """The translated template as JSON, the same bytes for the same input.

    Args:
        package: The file name of the package, which tells its content.
        target: What the package was built for.
    """
    document = _with_code(read_template(ROOT / "template.yaml"), package, target)
    shared = document["Globals"]["Function"]
    condition, inside, outside = shared["VpcConfig"]["Fn::If"]
    variants = (_translated_with(document, shared | {"VpcConfig": network}) for network in (inside, outside))
    return json.dumps(_in_any_partition(_either(condition, *variants)), indent=1) + "\n"


def translated(document: Mapping[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
    """The result of AWS's transform, given these parameters and the defaults of all others."""
    logging.getLogger("samtranslator").setLevel(logging.ERROR)
    with without_credentials({"AWS_DEFAULT_REGION": REGION}):
        made: dict[str, Any] = transform(copy.deepcopy(dict(document)), dict(parameters), _NoPolicies())
    return made


def _translated_with(document: Mapping[str, Any], shared: dict[str, Any]) -> Any:  # noqa: ANN401 - a template
    """The translation for a network or for none, tracing on or off by its condition."""
    own = {name: value for name, value in shared.items() if value != _NONE}
    fragment = {**document, "Globals": {**document["Globals"], "Function": own}}
    traced, untraced = (translated(fragment, {"Tracing": mode}) for mode in ("Active", "Disabled"))
    return _either("CallsAreTraced", traced, untraced)


def _with_code(document: dict[str, Any], package: str, target: Target) -> dict[str, Any]:
    """The template with the package's place as parameters, and the machine that the package was built for."""
    parameters, interface = document["Parameters"], document["Metadata"]["AWS::CloudFormation::Interface"]
    (group,) = (group for group in interface["ParameterGroups"] if group["Label"]["default"] == _GROUP)
    group["Parameters"][:0] = ["CodeBucket", "CodeKey"]
    interface["ParameterLabels"] |= {
        "CodeBucket": {"default": "Bucket of the package"},
        "CodeKey": {"default": "Key of the package"},
    }
    parameters["CodeBucket"] = {
        "Type": "String",
        "Description": "Bucket of this region that holds the package.",
        "AllowedPattern": "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
        "ConstraintDescription": "the name of a bucket",
    }
    parameters["CodeKey"] = {
        "Type": "String",
        "Description": f"Key of the package in that bucket. It ends in {package}.",
        "AllowedPattern": rf"^([^/]+/)*{package.replace('.', '[.]')}$",
        "ConstraintDescription": f"a key that ends in {package}, which belongs to this template",
    }
    parameters["Architecture"] |= {
        "Default": target.architecture,
        "AllowedValues": [target.architecture],
        "ConstraintDescription": f"{target.architecture}, which the package was built for",
    }
    document["Globals"]["Function"] |= {
        "Runtime": f"python{target.version}",
        "CodeUri": {"Bucket": {"Ref": "CodeBucket"}, "Key": {"Ref": "CodeKey"}},
    }
    return document


def _either(condition: str, yes: Any, no: Any) -> Any:  # noqa: ANN401 - any part of a template
    """One template for both cases: the condition chooses what differs, as far inside as can be."""
    if yes == no:
        return yes
    if isinstance(yes, dict) and isinstance(no, dict) and _NONE not in (yes, no):
        return {name: _either(condition, yes.get(name, _NONE), no.get(name, _NONE)) for name in {**yes, **no}}
    if isinstance(yes, list) and isinstance(no, list) and [item for item in yes if item in no] == no:
        return [item if item in no else {"Fn::If": [condition, item, _NONE]} for item in yes]
    return {"Fn::If": [condition, yes, no]}


def _in_any_partition(node: Any) -> Any:  # noqa: ANN401 - any part of a template
    """The same with AWS's own policies named in the partition of the deployment."""
    if isinstance(node, dict):
        return {name: _in_any_partition(value) for name, value in node.items()}
    if isinstance(node, list):
        return [_in_any_partition(item) for item in node]
    if isinstance(node, str) and node.startswith(_MANAGED):
        name = node.removeprefix(_MANAGED)
        return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{_ONLY_HERE.get(name, name)}"}
    return node
