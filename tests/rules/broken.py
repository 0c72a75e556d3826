"""Resources of the template, each with one thing undone that a rule asks for."""

import copy
import json
import re
from collections.abc import Callable
from typing import Any, Final

Properties = dict[str, Any]
_REFERENCE = re.compile(r'"(?:Ref": |Fn::GetAtt": \[)"(\w+)"')


def _opened(bucket: Properties) -> None:
    bucket["PublicAccessBlockConfiguration"]["BlockPublicPolicy"] = False


def _on_everything(policy: Properties) -> None:
    policy["PolicyDocument"]["Statement"][0]["Resource"] = "*"


def _unsigned(route: Properties) -> None:
    route["AuthorizationType"] = "NONE"


def _without(name: str) -> Callable[[Properties], None]:
    def drop(properties: Properties) -> None:
        properties.pop(name, None)

    return drop


UNDONE: Final[dict[str, tuple[Callable[[Properties], None], tuple[str, ...]]]] = {
    "ArchiveBucket": (
        _opened,
        ("CT.S3.PR.1", "CKV_AWS_54", "PCI.DSS.321-S3BucketLevelPublicAccessProhibited"),
    ),
    "FetchFileLog": (
        _without("KmsKeyId"),
        ("CT.CLOUDWATCH.PR.3", "CKV_AWS_158", "PCI.DSS.321-CloudWatchLogGroupEncrypted"),
    ),
    "LandFiles": (_on_everything, ("AwsSolutions-IAM5[Resource::*]",)),
    "RunReports": (_without("KmsMasterKeyId"), ("CKV_AWS_26", "NIST.800.53.R5-SNSEncryptedKMS")),
    "StartExportRoute": (_unsigned, ("CT.APIGATEWAY.PR.5", "AwsSolutions-APIG4")),
}
"""What is undone of each resource, and the rules that are to notice."""


def broken(resources: dict[str, Any]) -> dict[str, Any]:
    """Return those resources with these things undone, and all that they refer to."""
    picked = _closed(resources, set(UNDONE))
    for name, (undo, _) in UNDONE.items():
        undo(picked[name]["Properties"])
    return picked


def policy(resources: dict[str, Any], *, secure_transport: object) -> dict[str, Any]:
    """Return the bucket and its policy, with that value in the condition that refuses calls without TLS."""
    picked = _closed(resources, {"ArchiveBucketPolicy"})
    for statement in picked["ArchiveBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]:
        if statement["Sid"] == "NothingInTheClear":
            statement["Condition"]["Bool"]["aws:SecureTransport"] = secure_transport
    return picked


def _closed(resources: dict[str, Any], names: set[str]) -> dict[str, Any]:
    while more := {name for known in names for name in _REFERENCE.findall(json.dumps(resources[known]))} - names:
        names = names | more
    return copy.deepcopy({name: resources[name] for name in sorted(names)})
