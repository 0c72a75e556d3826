"""Permissions that policies have to grant: for recorded uses of functions, and for what AWS's services do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.engine.environment import ACCOUNT, REGION
from tests.permissions.places import PLACES, PREFIX
from tests.permissions.processed import (
    ARCHIVE_KEY,
    CREDENTIALS,
    SECRET_KEY,
    TARGET_CREDENTIALS,
    TOPIC_KEY,
    Processed,
    states_in,
)

TLS = {"aws:SecureTransport": "true", "s3:TlsVersion": "1.3"}
"""Of every request: the product speaks plain HTTP to this machine only, and the local engine is on this machine."""

_SSE = "s3:x-amz-server-side-encryption"
CONTEXTS = {
    "if-none-match": {"s3:if-none-match": "*"},
    "key": {_SSE: "aws:kms", f"{_SSE}-aws-kms-key-id": ARCHIVE_KEY},
    "another-key": {_SSE: "aws:kms", f"{_SSE}-aws-kms-key-id": SECRET_KEY},
    "customer-key": {f"{_SSE}-customer-algorithm": "AES256"},
    "copy": {"s3:x-amz-copy-source": "elsewhere/key"},
}
"""What a word of a use means to a policy."""

_STORAGE = {
    "GetObject": ("s3:GetObject", ["kms:Decrypt"]),
    "PutObject": ("s3:PutObject", ["kms:GenerateDataKey"]),
    "CreateMultipartUpload": ("s3:PutObject", ["kms:GenerateDataKey"]),
    "UploadPart": ("s3:PutObject", ["kms:Decrypt", "kms:GenerateDataKey"]),
    "CompleteMultipartUpload": ("s3:PutObject", ["kms:Decrypt"]),
    "AbortMultipartUpload": ("s3:AbortMultipartUpload", []),
    "DeleteObject": ("s3:DeleteObject", []),
}
"""Per operation: the action on the object, and those on the archive's key. Source: S3's API reference, by operation."""

_LOG_DELIVERY = (
    *(f"logs:{verb}LogDelivery" for verb in ("Create", "Get", "Update", "Delete")),
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
_TRACES = tuple(
    f"xray:{action}" for action in ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
)
_HERE = f"{REGION}:{ACCOUNT}"
_NESTED = f"arn:aws:events:{_HERE}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"


@dataclass(frozen=True)
class Demand:
    """One request, as a policy sees it.

    Attributes:
        who: a role of the template, or a service.
        resource: its ARN, or `*` for an action that knows none.
        context: the values of condition keys.
        why: what makes the request.
    """

    who: str
    action: str
    resource: str
    why: str
    context: Mapping[str, str] = field(default_factory=lambda: TLS)


def all_demands(template: Processed, uses: set[str]) -> list[Demand]:
    """Return what the functions and the services of a deployment ask for."""
    return [
        *(demand for use in sorted(uses) for demand in of_use(template, use)),
        *_of_machines(template),
        *_of_schedules(template),
        *_of_the_api(template),
        *_of_alarms(template),
    ]


def of_use(template: Processed, use: str) -> Iterator[Demand]:
    """Yield what one line of `uses.json` takes."""
    function, operation, on, *words = use.split()
    role, bucket = template.role_of(f"{function}Function"), template.arn("ArchiveBucket")
    context = dict(TLS)
    for word in words:
        context |= CONTEXTS.get(word, {})
    if operation == "GetSecretValue":
        arn = {"credentials": CREDENTIALS, "credentials-of-a-target": TARGET_CREDENTIALS}[on]
        yield Demand(role, "secretsmanager:GetSecretValue", arn, use)
        yield Demand(role, "kms:Decrypt", SECRET_KEY, use)
    elif operation == "StartExecution":
        yield Demand(role, "states:StartExecution", template.arn(on), use)
    elif operation == "DescribeExecution":
        execution = template.arn(on).replace(":stateMachine:", ":execution:")
        yield Demand(role, "states:DescribeExecution", f"{execution}:file-de30de30de30de30de30de30de30de30-112816", use)
    elif operation == "ListObjectsV2":
        yield Demand(role, "s3:ListBucket", bucket, use, TLS | {"s3:prefix": f"{PREFIX}{on.removesuffix('*')}"})
    elif "missing" in words:
        # Without s3:ListBucket a key that is not there reads as a refusal; no prefix goes with that question.
        yield Demand(role, "s3:GetObject", f"{bucket}/{PREFIX}{PLACES[on]}", use)
        yield Demand(role, "s3:ListBucket", bucket, use)
    else:
        action, on_key = _STORAGE[operation]
        yield Demand(role, action, f"{bucket}/{PREFIX}{PLACES[on]}", use, context)
        if "tags" in words:
            yield Demand(role, "s3:PutObjectTagging", f"{bucket}/{PREFIX}{PLACES[on]}", use)
        yield from (Demand(role, action, ARCHIVE_KEY, use) for action in on_key)


def _of_machines(template: Processed) -> Iterator[Demand]:
    for name, machine in template.of_type("AWS::StepFunctions::StateMachine").items():
        role = template.role_of(name)
        for state in states_in(template.definition(name)):
            for action, resource in _of_state(template, name, state):
                yield Demand(role, action, resource, f"a state of {name}")
        if "LoggingConfiguration" in machine:
            yield from (Demand(role, action, "*", f"the log of {name}") for action in _LOG_DELIVERY)
        if machine.get("TracingConfiguration", {}).get("Enabled") is True:
            yield from (Demand(role, action, "*", f"traces of {name}") for action in _TRACES)


def _of_state(template: Processed, machine: str, state: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What AWS documents for each integration, and for distributed maps."""
    called, given = str(state.get("Resource", "")), state.get("Parameters", {})
    if called.startswith("arn:aws:lambda:"):
        yield "lambda:InvokeFunction", called
    elif called.endswith(":sns:publish"):
        yield "sns:Publish", given["TopicArn"]
        yield from ((action, TOPIC_KEY) for action in ("kms:GenerateDataKey", "kms:Decrypt"))
    elif called.endswith(":events:putEvents"):
        yield "events:PutEvents", f"arn:aws:events:{_HERE}:event-bus/default"
    elif called.endswith(":states:startExecution.sync:2"):
        yield "states:StartExecution", given["StateMachineArn"]
        started = given["StateMachineArn"].rpartition(":")[2]
        yield from ((f"states:{verb}Execution", _execution(f"{started}:1")) for verb in ("Describe", "Stop"))
        yield from ((f"events:{action}", _NESTED) for action in ("PutTargets", "PutRule", "DescribeRule"))
    elif called:
        raise ValueError(f"no permissions are written down for {called}")
    if state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode") == "DISTRIBUTED":
        yield "states:StartExecution", template.arn(machine)
        # As AWS documents it, and as the ARNs of a distributed map's items are in fact.
        for execution in (f"{machine}:1", f"{machine}/Export:1"):
            yield from ((f"states:{verb}Execution", _execution(execution)) for verb in ("Describe", "Stop"))
    if "ItemReader" in state:
        yield "s3:GetObject", f"{template.arn('ArchiveBucket')}/{PREFIX}{PLACES['runs/*/plan.json']}"
        yield "kms:Decrypt", ARCHIVE_KEY


def _execution(path: str) -> str:
    return f"arn:aws:states:{_HERE}:execution:{path}"


def _of_schedules(template: Processed) -> Iterator[Demand]:
    for name, schedule in template.of_type("AWS::Scheduler::Schedule").items():
        target = schedule["Target"]
        role = str(target["RoleArn"]).rpartition("/")[2]
        yield Demand(role, "states:StartExecution", target["Arn"], name)
        yield Demand(role, "sqs:SendMessage", target["DeadLetterConfig"]["Arn"], name)


def _of_the_api(template: Processed) -> Iterator[Demand]:
    integrations = template.of_type("AWS::ApiGatewayV2::Integration")
    for name, route in template.of_type("AWS::ApiGatewayV2::Route").items():
        called = integrations[route["Target"].removeprefix("integrations/")]
        method, _, path = route["RouteKey"].partition(" ")
        if "IntegrationSubtype" in called:
            role = called["CredentialsArn"].rpartition("/")[2]
            yield Demand(role, "states:StartExecution", called["RequestParameters"]["StateMachineArn"], name)
            continue
        source = f"arn:aws:execute-api:{_HERE}:{route['ApiId']}/$default/{method}{path}"
        context = TLS | {"aws:SourceArn": source, "aws:SourceAccount": ACCOUNT}
        yield Demand("apigateway.amazonaws.com", "lambda:InvokeFunction", called["IntegrationUri"], name, context)


def _of_alarms(template: Processed) -> Iterator[Demand]:
    for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items():
        source = f"arn:aws:cloudwatch:{_HERE}:alarm:workspace-exports-{name}-1A2B3C4D5E6F"
        context = TLS | {"aws:SourceArn": source, "aws:SourceAccount": ACCOUNT}
        for topic in {*alarm.get("AlarmActions", []), *alarm.get("OKActions", [])}:
            yield Demand("cloudwatch.amazonaws.com", "sns:Publish", topic, name, context)
