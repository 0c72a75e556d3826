"""The way of an alarm to a mailbox, as deployed: the message, the topic's policy, the subscription's filter."""

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.engine import LocalEngine
from tests.support.checks.cloudwatch_alarms import Alarm
from tests.support.fixtures.deployment import Deployment

_NOTIFICATION = Path(__file__).parents[1] / "data" / "alarm_notification.json"


def alarms(deployment: Deployment) -> dict[str, dict[str, Any]]:
    """All alarms as they are deployed, by logical id."""
    described = deployment.engine.client("cloudwatch").describe_alarms()["MetricAlarms"]
    by_name = {alarm["AlarmName"]: dict(alarm) for alarm in described}
    return {logical: by_name[own] for logical, own in deployment.stack.resources.items() if own in by_name}


def mailboxes(deployment: Deployment, alarm: Alarm, state: str) -> list[str]:
    """The addresses that hear of the alarm when it changes to a state."""
    topics = alarm[{"ALARM": "AlarmActions", "OK": "OKActions"}[state]] if alarm["ActionsEnabled"] else []
    message, attributes = notification(alarm, state)
    return [
        subscription["Endpoint"]
        for topic in topics
        if may_publish(deployment.engine, topic, alarm)
        for subscription in _subscriptions(deployment.engine, topic)
        if subscription["Protocol"] == "email"
        and lets_through(deployment.engine, subscription["Attributes"], message, attributes)
    ]


def notification(alarm: Alarm, state: str) -> tuple[str, dict[str, Any]]:
    """The message that CloudWatch publishes, in the shape of AWS's own example, and its attributes: none."""
    example = json.loads(_NOTIFICATION.read_text(encoding="utf-8"))
    said = example["Message"] | {
        "AlarmName": alarm["AlarmName"],
        "AlarmArn": alarm["AlarmArn"],
        "AlarmDescription": alarm["AlarmDescription"],
        "NewStateValue": state,
    }
    return json.dumps(said), example["MessageAttributes"]


def may_publish(engine: LocalEngine, topic: str, alarm: Alarm, **context: object) -> bool:
    """Asks the topic's policy whether CloudWatch may publish for the alarm.

    ministack evaluates the policy as IAM does: principal, action, resource, conditions, a denial before all else.

    Args:
        engine: has the topic.
        topic: its ARN.
        alarm: the one for which CloudWatch publishes.
        context: says what is otherwise about the call: service, source_arn, source_account, secure_transport.
    """
    policy = engine.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"].get("Policy")
    evaluator: Any = importlib.import_module("ministack.core.iam_evaluator")
    account, region = alarm["AlarmArn"].split(":")[4], alarm["AlarmArn"].split(":")[3]
    asked = evaluator.EvalContext(
        # As ministack asks for a service, which is no principal of an account.
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="sns:Publish",
        resource_arn=topic,
        region=region,
        secure_transport=context.get("secure_transport", True),
        service_context={
            "aws:sourcearn": context.get("source_arn", alarm["AlarmArn"]),
            "aws:sourceaccount": context.get("source_account", account),
        },
    )
    service = context.get("service", "cloudwatch.amazonaws.com")
    return bool(evaluator.evaluate_resource_policy(policy, asked, service=service).decision == "Allow")


def lets_through(
    engine: LocalEngine, subscription: Mapping[str, str], message: str, attributes: Mapping[str, Any]
) -> bool:
    """Asks the engine's SNS whether it sends a message to a subscription with these attributes; a queue is the mailbox.

    SNS's developer guide, "Key matching": "`exists: false` only matches if at least one attribute is present. An empty
    set of attributes results in the filter not matching." ministack does the same and quotes the sentence. moto 5.2
    does not: its FilterPolicyMatcher lets a message without any attribute through.
    """
    notifications, queues = engine.client("sns"), engine.client("sqs")
    filtering = {name: subscription[name] for name in ("FilterPolicy", "FilterPolicyScope") if subscription.get(name)}
    topic = notifications.create_topic(Name="mailbox")["TopicArn"]
    url = queues.create_queue(QueueName="mailbox")["QueueUrl"]
    try:
        arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        notifications.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=filtering)
        notifications.publish(TopicArn=topic, Message=message, MessageAttributes=attributes)
        return bool(queues.receive_message(QueueUrl=url).get("Messages"))
    finally:
        queues.delete_queue(QueueUrl=url)
        notifications.delete_topic(TopicArn=topic)


def _subscriptions(engine: LocalEngine, topic: str) -> list[dict[str, Any]]:
    notifications = engine.client("sns")
    listed = notifications.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    return [
        dict(one) | notifications.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"]) for one in listed
    ]
