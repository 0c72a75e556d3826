"""@cloud-copilot/iam-simulate, run by Node.js: what IAM says of a request, by all policies that count for it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.engine.environment import ACCOUNT
from tests.permissions.demands import Demand
from tests.permissions.processed import ARCHIVE_KEY, SECRET_KEY, TOPIC_KEY, Policy, Processed
from tests.support.processes.node import node

_HERE = Path(__file__).parent
ALLOWED, DENIED = "Allowed", "ExplicitlyDenied"

_KEY_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }
    ],
}
"""The default policy of a KMS key: it leaves it to IAM who may use the key. The keys are not of this template."""


class Evaluator:
    """IAM of one deployment."""

    def __init__(self, template: Processed) -> None:
        self.roles = template.roles()
        self.policies = _resource_policies(template)

    def answers(self, demands: Sequence[Demand]) -> list[str]:
        """Return what IAM says of each, in one word, as `evaluate` does."""
        return evaluate([self.request(demand) for demand in demands])

    def request(self, demand: Demand) -> dict[str, Any]:
        """Return all that counts for one answer."""
        policies = self.roles.get(demand.who, [])
        return {
            "principal": f"arn:aws:iam::{ACCOUNT}:role/{demand.who}" if demand.who in self.roles else demand.who,
            "action": demand.action,
            "resource": demand.resource,
            "account": ACCOUNT,
            "context": dict(demand.context),
            "identity": [{"name": p.name, "document": p.document} for p in policies if p.document],
            "policy": next((own for arn, own in self.policies.items() if _is_below(demand.resource, arn)), None),
        }


def evaluate(requests: Sequence[Mapping[str, Any]], *, quickly: bool = False) -> list[str]:
    """Return what IAM says of each request, in one word.

    Args:
        requests: as `Evaluator.request` makes them.
        quickly: asks the policies of the role alone, and checks no policy and no request for what IAM would not take.

    Raises:
        AssertionError: the evaluator is not installed, or does not understand what it is asked.
    """
    answers: list[str] = node(_HERE / "evaluate.js", document=json.dumps({"quickly": quickly, "requests": requests}))
    return answers


def _is_below(resource: str, arn: str) -> bool:
    return resource == arn or resource.startswith(f"{arn}/")


def _resource_policies(template: Processed) -> dict[str, dict[str, Any]]:
    """By the ARN of what each protects."""
    found: dict[str, dict[str, Any]] = dict.fromkeys((ARCHIVE_KEY, SECRET_KEY, TOPIC_KEY), _KEY_POLICY)
    for policy in template.of_type("AWS::S3::BucketPolicy").values():
        found[template.arn(policy["Bucket"])] = policy["PolicyDocument"]
    for policy in template.of_type("AWS::SNS::TopicPolicy").values():
        found |= dict.fromkeys(policy["Topics"], policy["PolicyDocument"])
    for policy in template.of_type("AWS::SQS::QueuePolicy").values():
        found |= {template.arn(queue): policy["PolicyDocument"] for queue in policy["Queues"]}
    for permission in template.of_type("AWS::Lambda::Permission").values():
        arn = template.arn(permission["FunctionName"])
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": permission["Principal"]},
            "Action": permission["Action"],
            "Resource": arn,
            "Condition": {"ArnLike": {"aws:SourceArn": permission["SourceArn"]}},
        }
        document = found.setdefault(arn, {"Version": "2012-10-17", "Statement": []})
        document["Statement"].append(statement)
    return found


def statements_of(policy: Policy) -> list[dict[str, Any]]:
    """Return the statements of a policy, with lists for actions and resources; none of one that is AWS's own."""
    document = policy.document or {"Statement": []}
    return [s | {name: _listed(s[name]) for name in ("Action", "Resource")} for s in document["Statement"]]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
