"""Starting an execution of a state machine of AWS Step Functions."""

import json
from collections.abc import Mapping

from workspace_exports.aws.calls import Arn, JsonService, Refusal
from workspace_exports.errors import Misconfigured

_STEP_FUNCTIONS = JsonService(
    title="AWS Step Functions",
    name="states",
    target="AWSStepFunctions",
    version="1.0",
    override="AWS_ENDPOINT_URL_SFN",
)
_TAKEN = "ExecutionAlreadyExists"
_ADVICE = {
    "AccessDeniedException": "Allow the function's role states:StartExecution on exactly this state machine.",
    "StateMachineDoesNotExist": "Deploy the stack again, so that function and state machine fit.",
}
_OTHER_ADVICE = "Check the state machine and the function's role."


class HasEnded(Exception):
    """There was an execution of that name, and it is over."""


def start_execution(machine_arn: str, name: str, request: Mapping[str, object], environment: Mapping[str, str]) -> str:
    """The ARN of the execution of that name, started now, or before and still at it.

    Raises:
        HasEnded: it was started before, and is over.
        Misconfigured: AWS will go on refusing; the text has AWS's code and what to allow or set.
        Throttled, VendorUnavailable: it may work the next time.
    """
    machine = Arn.parse(machine_arn, "states", r"stateMachine:[\w-]+")
    if machine is None:
        raise Misconfigured("EXPORT_WORKFLOW_ARN: must be the ARN of a state machine of AWS Step Functions")
    asked_for = {"stateMachineArn": machine.text, "name": name, "input": json.dumps(request)}
    doing = f"start {machine.text}"
    try:
        _STEP_FUNCTIONS.call("StartExecution", machine, asked_for, environment, doing)
    except Refusal as refusal:
        if refusal.code == _TAKEN:
            raise HasEnded from None
        what = _STEP_FUNCTIONS.answered(doing, refusal.code)
        raise Misconfigured(what, advice=_ADVICE.get(refusal.code, _OTHER_ADVICE)) from None
    return f"{machine.text.replace(':stateMachine:', ':execution:')}:{name}"
