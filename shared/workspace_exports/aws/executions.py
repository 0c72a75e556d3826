"""Starting an execution of a state machine of AWS Step Functions."""

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
    """There was an execution of that name, and it is over."""


def start_execution(machine_arn: str, name: str, request: Mapping[str, object], environment: Mapping[str, str]) -> str:
    """The ARN of the execution of that name, started now, or before and still at it.

    The name alone decides: AWS refuses a name that runs with another input in the same words as one that is over, so
    it is asked which of the two it is.

    Raises:
        HasEnded: it was started before, and is over.
        Misconfigured: AWS will go on refusing; the text has AWS's code and what to allow or set.
        Throttled, VendorUnavailable: it may work the next time.
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
    """Return whether an execution is under way."""
    doing = f"look at {execution_arn}"
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
