"""What can come of an archive run, for every interpreter of the state machine that can run it.

Each scenario is a committed file under tests/data/runs/: the path, the attempts, what became of each item, how the run
ended, and what the world heard of it. `UPDATE_GOLDEN=1 make test TEST="tests/workflow/test_run_scenarios.py -m ''"`
writes them anew, as ministack has them; read them before committing.
"""

import importlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol
from unittest.mock import patch

from local.engine import Execution, executions
from local.standin.faults.fates import fails
from local.standin.faults.mishaps import Fault
from tests.support.fixtures.archive_runs import Audience, counts, last_days
from tests.support.fixtures.deployment import Deployment
from tests.workflow.scenarios import masked

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

GOLDEN = Path(__file__).parents[1] / "data" / "runs"


MAP = "Export each missing day"
FIRST_OF_AN_ITEM = "Export one day"

Events = list[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a distributed map."""

    given: Mapping[str, Any]
    events: Events


class Interpreter(Protocol):
    """Runs machines of a deployment."""

    def client(self, service: Literal["stepfunctions"]) -> "SFNClient":
        """A client of its machines."""

    def run(self, machine: str, payload: object) -> Execution:
        """Start an execution and wait until it is over."""

    def items(self, execution: Execution) -> list[Item]:
        """What became of the items of its distributed map."""


@dataclass(frozen=True, slots=True)
class FirstInterpreter:
    """ministack, where everything is deployed."""

    deployment: Deployment

    def client(self, service: Literal["stepfunctions"]) -> "SFNClient":
        return self.deployment.engine.client(service)

    def run(self, machine: str, payload: object) -> Execution:
        return self.deployment.run(machine, payload)

    def items(self, execution: Execution) -> list[Item]:
        machines = self.client("stepfunctions")
        items = []
        for run in machines.list_map_runs(executionArn=execution.arn)["mapRuns"]:
            for child in machines.list_executions(mapRunArn=run["mapRunArn"])["executions"]:
                ended = executions.wait(self.deployment.engine, child["executionArn"])
                described = machines.describe_execution(executionArn=child["executionArn"])
                items.append(Item(json.loads(described["input"]), ended.events))
        return items


@dataclass(frozen=True, kw_only=True)
class RunScenario:
    """One run.

    Attributes:
        days: how many days it asks for.
        request: what it is started with; by default both seed exports of those days.
        faults: what befalls the vendor's orders.
        archives: other archives' URLs, by the name without `Function` of whom they are told.
        before: how many runs of the same request go before it.
        amid: what is the matter around it.
        unheard: who hears nothing of it, `mail` or `event`.
    """

    name: str
    days: int = 1
    request: Mapping[str, Any] | None = None
    faults: Mapping[str, list[Fault]] = field(default_factory=dict)
    archives: Mapping[str, str] = field(default_factory=dict)
    before: int = 0
    amid: Callable[[Deployment], AbstractContextManager[object]] = lambda _: nullcontext()
    unheard: str = ""

    def play(self, deployment: Deployment, audience: Audience, interpreter: Interpreter) -> str:
        """Let it happen, and tell it."""
        request = self.request or last_days(self.days)
        with ExitStack() as stack:
            for operation, faults in self.faults.items():
                deployment.vendor.script(operation, *faults)
            for _ in range(self.before):
                interpreter.run("ArchiveWorkflow", request)
                audience.mail()
                audience.event()
            for function, url in self.archives.items():
                stack.enter_context(deployment.changed(function, ARCHIVE_URL=url))
            stack.enter_context(self.amid(deployment))
            execution = interpreter.run("ArchiveWorkflow", request)
        heard = [f"{who}: {_heard[who](audience)}" for who in ("mail", "event") if who != self.unheard]
        told = "\n".join([_told(execution, interpreter), *heard, ""])
        for pattern, words in _MASKS.items():
            told = re.sub(pattern, words, told)
        return masked(told.replace(deployment.stack.outputs["ArchiveUrl"], "ARCHIVE"))


BAD_DAY: list[Fault] = [fails("a bad day", "WKS.0042")] * 2
NO_BUCKET = "s3://no-such-bucket/archive"


@contextmanager
def _topic_gone(deployment: Deployment) -> Iterator[None]:
    """Takes the topic of run reports away, and brings it and its subscriptions back."""
    sns, topic = deployment.engine.client("sns"), deployment.stack.outputs["RunReportsArn"]
    subscribed = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    asked = [
        sns.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])["Attributes"] for one in subscribed
    ]
    sns.delete_topic(TopicArn=topic)
    try:
        yield
    finally:
        sns.create_topic(Name=topic.rpartition(":")[2])
        for one, has in zip(subscribed, asked, strict=True):
            own = {name: has[name] for name in ("FilterPolicy",) if has.get(name)}
            sns.subscribe(TopicArn=topic, Protocol=one["Protocol"], Endpoint=one["Endpoint"], Attributes=own)


def _plan_gone(_: Deployment) -> AbstractContextManager[object]:
    """The storage has no plan, whoever asks."""
    storage: Any = importlib.import_module("ministack.services.s3")
    get = storage._get_object

    def refuse(bucket: str, key: str, *rest: object) -> Any:
        return get(bucket, f"{key}.gone" if key.endswith("/plan.json") else key, *rest)

    return patch.object(storage, "_get_object", refuse)


def _events_refused(_: Deployment) -> AbstractContextManager[object]:
    """PutEvents answers with a failed entry."""
    refused = (None, ("InternalFailure", "The bus is out of order"))
    return patch("ministack.services.eventbridge._event_bus_name_from_ref", lambda _: refused)


RUNS = [
    RunScenario(name="every-day-lands", days=2),
    RunScenario(name="nothing-is-missing", before=1),
    RunScenario(name="a-day-fails", faults={"connection-records": BAD_DAY}),
    RunScenario(name="a-name-is-taken", faults={"connection-records": BAD_DAY}, before=1),
    RunScenario(name="a-plan-is-refused", request={"kinds": ["connection-records"], "first_day": "2020-01-01"}),
    RunScenario(name="no-plan-can-be-written", archives={"PlanArchive": NO_BUCKET}),
    RunScenario(name="no-plan-can-be-read", amid=_plan_gone),
    RunScenario(name="no-report-can-be-written", archives={"ReportArchive": NO_BUCKET}),
    RunScenario(name="a-report-fails", archives={"ReportArchive": "nowhere"}),
    RunScenario(name="the-topic-is-gone", amid=_topic_gone, unheard="mail"),
    RunScenario(name="the-event-is-refused", amid=_events_refused, unheard="event"),
]


_MASKS = {
    r"\d{4}-\d{2}-\d{2}T\d{6}Z-[0-9a-f]{8}|(?<=The archive run )\S+(?= broke off)": "RUN",
    # Of what a function raised, its text: the rest is another every time.
    r'\{"Error":"(\w+)","Cause":"\{\\"errorMessage\\": ?\\"(.*?)\\", ?\\"errorType.*\}"\}': r"\1, as it said: \2",
    # Of what an interpreter says, or a service, the error's name: each has words of its own.
    r'\{"Error":"([\w.]+)","Cause":".*"\}': r"\1, in other words",
    r"(?m)^.*(Topic does not exist).*$": r"\1",
}


def _mail(audience: Audience) -> str:
    mail = audience.mail()
    return f"{mail['MessageAttributes']['status']['Value']}, {mail['Subject']}\n{mail['Message']}"


def _event(audience: Audience) -> str:
    detail = audience.event()["detail"]
    report = detail["report"]
    return f"{detail['status']}, {counts(report) if 'planned' in report else report['error']}"


_heard = {"mail": _mail, "event": _event}


def _told(execution: Execution, interpreter: Interpreter) -> str:
    """The path, with attempts, errors and items, and how it ended."""
    lines = list(_lines(execution.events))
    if MAP in lines and (items := interpreter.items(execution)):
        machines = interpreter.client("stepfunctions")
        (run,) = machines.list_map_runs(executionArn=execution.arn)["mapRuns"]
        limit = machines.describe_map_run(mapRunArn=run["mapRunArn"])["maxConcurrency"]
        told = sorted(f"  {one.given['export']['kind']}: {'; '.join(_lines(one.events))}" for one in items)
        at = lines.index(MAP)
        lines[at : at + 1] = [f"{MAP}, {limit} at a time", *told]
    # A refused event's cause is an object to LocalStack.
    cause = execution.cause if isinstance(execution.cause, str) else json.dumps(execution.cause)
    end = f"{execution.error}\n{cause}" if execution.error else str(counts(execution.output))
    return "\n".join([*lines, "", execution.status, end])


def _lines(events: Events) -> Iterator[str]:
    """Each state with the number of attempts, if more than one, and the error that its last one ended in."""
    line, attempts, error = "", 0, None
    for event in [*events, {"type": "", "stateEnteredEventDetails": {"name": ""}}]:
        if "stateEnteredEventDetails" in event:
            if line:
                yield line + (f", {attempts} attempts" if attempts > 1 else "") + (f", {error}" if error else "")
            line, attempts, error = event["stateEnteredEventDetails"]["name"], 0, None
        elif event["type"] in {"TaskScheduled", "LambdaFunctionScheduled"}:
            attempts, error = attempts + 1, None
        else:
            failed = event.get("taskFailedEventDetails") or event.get("lambdaFunctionFailedEventDetails") or {}
            error = failed.get("error", error)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an interpreter differs from the committed files, and why that is well."""

    scenario: str
    committed: str
    theirs: str
    reason: str


DIFFERENCES = [
    Difference(
        "no-plan-can-be-read",
        "States.ItemReaderFailed, in other words",
        "ValueError(Custom Error Names MUST NOT begin with the prefix 'States.', got 'States.Runtime'.)",
        "LocalStack refuses a Fail state whose ErrorPath leads to a name of the States Language, at the very end.",
    ),
    Difference(
        "no-plan-can-be-read",
        "States.ItemReaderFailed",
        "States.Runtime",
        "LocalStack has no name for an ItemReader that meets an error of S3; AWS documents States.ItemReaderFailed.",
    ),
    Difference(
        "the-topic-is-gone",
        "SNS.PublishFailed",
        "SNS.NotFoundException",
        "ministack has one name for all errors of SNS. The machine catches any.",
    ),
]
"""LocalStack's."""


def check(scenario: RunScenario, told: str, differences: Sequence[Difference] | None = None) -> None:
    """Compare what was told with the committed file; ministack, which has no differences, writes it where asked to."""
    file = GOLDEN / f"{scenario.name}.txt"
    if os.environ.get("UPDATE_GOLDEN") and differences is None:
        file.parent.mkdir(exist_ok=True)
        file.write_text(told, encoding="utf-8")
    for one in differences or ():
        if one.scenario == scenario.name:
            assert one.theirs in told, f"a difference that is none any more: {one}"
            told = told.replace(one.theirs, one.committed)
    expected = file.read_text(encoding="utf-8")
    assert told == expected, "\n".join(unified_diff(expected.splitlines(), told.splitlines(), lineterm=""))
