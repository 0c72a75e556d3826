"""The template's alarms and dashboard, and the metrics that they may use."""

import json
import re
from typing import Any

from tests.support.template.document import RESOURCES
from tests.support.template.rendering import Rendering


def complete(alarm: dict[str, Any]) -> dict[str, Any]:
    """The alarm with all metrics, also those of resources that a deployment may lack."""
    metrics = [metric.get("Fn::If", [None, metric])[1] for metric in alarm.get("Metrics", [])]
    return alarm | ({"Metrics": metrics} if metrics else {})


ALARMS: dict[str, Any] = {
    name: complete(resource["Properties"])
    for name, resource in RESOURCES.items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
NAMESPACE = "WorkspaceExports"
OURS = {
    "ExportsOrdered",
    "ExportsLanded",
    "ExportsEmpty",
    "ExportsFailed",
    "BytesLanded",
    "TaskSeconds",
    "Looks",
    "DaysMissing",
    "DaysAtRisk",
    "DaysLost",
    "DaysNewlyLost",
    "VendorThrottled",
}
"""What our functions count, by stack."""
_EXECUTIONS = {f"Executions{what}" for what in ("Started", "Succeeded", "Failed", "TimedOut", "Aborted")}
AWS = {
    "AWS/States": ("StateMachineArn", "AWS::Serverless::StateMachine", _EXECUTIONS),
    "AWS/Lambda": ("FunctionName", "AWS::Serverless::Function", {"Errors", "Throttles"}),
    "AWS/ApiGateway": ("ApiId", "AWS::ApiGatewayV2::Api", {"Count", "4xx", "5xx"}),
    "AWS/SQS": ("QueueName", "AWS::SQS::Queue", {"ApproximateNumberOfMessagesVisible", "NumberOfMessagesSent"}),
}
"""What AWS counts, by each service's guide: the dimension by which it does, the type of what that names, the metrics
used here."""


def dashboard(**parameters: str) -> dict[str, Any]:
    """Its document, every reference replaced by what it names."""
    body, variables = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    for name, value in variables.items():
        (condition, yes, no) = value["Fn::If"]
        chosen = yes if Rendering(**parameters).holds(condition) else no
        body = body.replace(f"${{{name}}}", chosen["Fn::Sub"] if isinstance(chosen, dict) else chosen)
    document: dict[str, Any] = json.loads(re.sub(r"\$\{([\w:.]+)\}", r"\1", body))
    return document
