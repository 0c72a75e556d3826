"""Start of an execution of a state machine of AWS Step Functions."""

import json
from collections.abc import Mapping

from workspace_exports.aws.service_calls import Arn, JsonService, Refusal
from workspace_exports.core.errors import Misconfigured

_STEP_FUNCTIONS = JsonService(
    title="AWS Step Functions",
    name="states",
    target="AWSStepFunctions",
    version="1.0",
    override="AWS_ENDPOINT_URL_SFN",
)
_TAKEN = "ExecutionAlreadyExists"
_UNKNOWN = "ExecutionDoesNotExist"
_RUNNING = "RUNNING"
_ADVICE = {
    "AccessDeniedException": "Allow the function's role states:StartExecution on exactly this state machine, and "
    "states:DescribeExecution on its executions.",
    "StateMachineDoesNotExist": "Deploy the stack again, so that function and state machine fit.",
}
_OTHER_ADVICE = "Check the state machine and the function's role."


class HasEnded(Exception):
    """Error for an execution of that name that AWS has started before and that has ended."""


def start_execution(machine_arn: str, name: str, request: Mapping[str, object], environment: Mapping[str, str]) -> str:
    """Start an execution and return its ARN; an execution of that name that is still running counts as started.

    The name alone decides. AWS gives the same error for a name that runs with another input and for a name that has
    ended, so this function asks AWS for the status of the execution.

    Raises:
        HasEnded: an execution of that name was started before and has ended.
        Misconfigured: AWS will refuse every retry; the text has AWS's code and the permission or setting to change.
        Throttled, VendorUnavailable: a retry may work.
    """
    machine = Arn.parse(machine_arn, "states", r"stateMachine:[\w-]+")
    if machine is None:
        raise Misconfigured("EXPORT_WORKFLOW_ARN: must be the ARN of a state machine of AWS Step Functions")
    execution_arn = f"{machine.text.replace(':stateMachine:', ':execution:')}:{name}"
    asked_for = {"stateMachineArn": machine.text, "name": name, "input": json.dumps(request)}
    doing = f"start {machine.text}"
    try:
        _STEP_FUNCTIONS.call("StartExecution", machine, asked_for, environment, doing)
    except Refusal as refusal:
        if refusal.code != _TAKEN:
            raise _misconfigured(doing, refusal) from None
        if not _runs(execution_arn, machine, environment):
            raise HasEnded from None
    return execution_arn


def _runs(execution_arn: str, machine: Arn, environment: Mapping[str, str]) -> bool:
    """Return whether an execution is running."""
    doing = f"describe {execution_arn}"
    try:
        asked_for = {"executionArn": execution_arn}
        answer = _STEP_FUNCTIONS.call("DescribeExecution", machine, asked_for, environment, doing)
    except Refusal as refusal:
        if refusal.code == _UNKNOWN:
            return False
        raise _misconfigured(doing, refusal) from None
    return answer.get("status") == _RUNNING


def _misconfigured(doing: str, refusal: Refusal) -> Misconfigured:
    what = _STEP_FUNCTIONS.answered(doing, refusal.code)
    return Misconfigured(what, advice=_ADVICE.get(refusal.code, _OTHER_ADVICE))
