"""Every alarm of the deployed stack from the metric to the mailbox: what is counted, and the mails that come of it.

Our own metrics are those that the deployed functions write, AWS's have the dimensions that their services document
(tests/template/test_operations.py). No engine here evaluates alarms: tests/support/checks/cloudwatch_alarms.py does.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.standin.faults.answers import throttled
from tests.support.checks.cloudwatch_alarms import Alarm, Point, states
from tests.support.checks.emf import Metric, metrics
from tests.support.fixtures.deployment import Deployment
from tests.support.template.alarms import ALARMS, AWS, NAMESPACE
from tests.support.template.document import FUNCTIONS
from tests.support.template.rendering import Rendering
from tests.workflow.alarming import alarms, lets_through, mailboxes, may_publish, notification
from tests.workflow.saying import since_now
from workspace_exports.core.clock import utc_now
from workspace_exports.coverage.reports import RunStatus
from workspace_exports.exports.windows import LATE_DATA

START = datetime(2026, 11, 20, tzinfo=UTC)
"""Where every story begins: a day, an hour and any other period."""
ADDRESS = "team@example.com"
BROKE_OFF = "broke-off"
LATE = 15
"""Minutes. Of SQS: "A delay of up to 15 minutes occurs in CloudWatch metrics when a queue is activated from an inactive
state." (developer guide, "Monitoring Amazon SQS queues using CloudWatch")"""


@dataclass(frozen=True, slots=True)
class Counted:
    """A value that is counted, of a resource of ours or, without one, by our functions."""

    metric: str
    of: str | None
    minute: float
    value: float = 1
    late: float = 0

    def point(self, deployment: Deployment, emitted: Mapping[str, list[Metric]]) -> list[Point]:
        """The value with each set of dimensions that it is counted by."""
        at, late = START + timedelta(minutes=self.minute), timedelta(minutes=self.late)
        if self.of is None:
            found = [(NAMESPACE, one.dimensions) for one in emitted[self.metric]]
        else:
            ((namespace, dimension),) = [(name, by) for name, (by, _, known) in AWS.items() if self.metric in known]
            found = [(namespace, {dimension: deployment.stack.resources[self.of].rpartition("/")[2]})]
        return [Point(namespace, self.metric, by, at, self.value, late) for namespace, by in found]


@dataclass(frozen=True, slots=True)
class Story:
    """What is counted within some hours, and the mails that come of it, by the alarm's new state."""

    alarm: str
    what: str
    counted: Iterable[Counted]
    mails: tuple[str, ...]
    hours: int = 1


def count(metric: str, of: str | None, *minutes: float, value: float = 1) -> list[Counted]:
    return [Counted(metric, of, minute, value) for minute in minutes]


def times(number: int, metric: str, of: str | None, period: int, minutes: int = 5) -> list[Counted]:
    """So many in one period, equally far from each other."""
    return count(metric, of, *((period + each / number) * minutes for each in range(number)))


def reports(metric: str, *values: float | None) -> list[Counted]:
    """One report a day, at half past four."""
    found = [(day * 1440 + 270, value) for day, value in enumerate(values) if value is not None]
    return [Counted(metric, None, minute, value) for minute, value in found]


def starts(*days: float) -> list[Counted]:
    return count("ExecutionsStarted", "ArchiveWorkflow", *(day * 1440 + 270 for day in days))


QUEUE = "RunsThatDidNotStart"
SENT_AT = 7
A_MESSAGE_LIES_THERE = [
    Counted("NumberOfMessagesSent", QUEUE, SENT_AT, late=LATE),
    *(
        Counted("ApproximateNumberOfMessagesVisible", QUEUE, minute, late=max(0, SENT_AT + LATE - minute))
        for minute in range(SENT_AT, 60)
    ),
]
EMPTY_QUEUE = [
    Counted(metric, QUEUE, minute, 0)
    for metric in ("NumberOfMessagesSent", "ApproximateNumberOfMessagesVisible")
    for minute in range(60)
]
FAILURES = ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted")
STORIES = [
    Story("NoRunStarted", "no run at all", [], ("ALARM",), hours=72),
    Story("NoRunStarted", "a run each day", starts(-1, 0, 1, 2), (), hours=72),
    Story("NoRunStarted", "a run a day late", starts(-1, 0, 2), ("ALARM", "OK"), hours=72),
    Story("RunNotStarted", "a message in a queue that slept", A_MESSAGE_LIES_THERE, ("ALARM",)),
    Story("RunNotStarted", "an empty queue looked at", EMPTY_QUEUE, ()),
    *(Story("ArchiveRunFailed", one, count(one, "ArchiveWorkflow", 7), ("ALARM",)) for one in FAILURES),
    Story("ArchiveRunFailed", "a run succeeded", count("ExecutionsSucceeded", "ArchiveWorkflow", 7), ()),
    Story("ArchiveRunFailed", "an export failed", count("ExecutionsFailed", "ExportWorkflow", 7), ()),
    *(Story("ExportFailed", one, count(one, "ExportWorkflow", 7), ("ALARM",), hours=3) for one in FAILURES),
    Story("ExportFailed", "an export succeeded", count("ExecutionsSucceeded", "ExportWorkflow", 7), (), hours=3),
    *(
        Story(
            "FunctionErrors",
            f"eleven errors of {name} in each of three periods",
            [error for period in range(3) for error in times(11, "Errors", name, period)],
            ("ALARM", "OK"),
        )
        for name in FUNCTIONS
    ),
    Story(
        "FunctionErrors",
        "eleven errors of two functions in each of three periods",
        [
            error
            for period in range(3)
            for number, name in ((6, "PollStatusFunction"), (5, "FetchFileFunction"))
            for error in times(number, "Errors", name, period)
        ],
        ("ALARM", "OK"),
    ),
    Story(
        "FunctionErrors",
        "ten errors in each of three periods",
        [error for period in range(3) for error in times(10, "Errors", "PollStatusFunction", period)],
        (),
    ),
    Story(
        "FunctionErrors",
        "many errors in each of two periods",
        [error for period in range(2) for error in times(99, "Errors", "PollStatusFunction", period)],
        (),
    ),
    *(
        Story(
            "FunctionThrottling",
            f"{name} in two of three periods",
            count("Throttles", name, 2, 12),
            ("ALARM", "OK"),
        )
        for name in FUNCTIONS
    ),
    Story("FunctionThrottling", "once", count("Throttles", "PollStatusFunction", 2), ()),
    Story("ApiErrors", "six in five minutes", times(6, "5xx", "ArchiveApi", 0), ("ALARM", "OK")),
    Story("ApiErrors", "five in five minutes", times(5, "5xx", "ArchiveApi", 0), ()),
    Story("ApiErrors", "callers that are wrong", times(99, "4xx", "ArchiveApi", 0), ()),
    Story("VendorThrottling", "61 in an hour", times(61, "VendorThrottled", None, 0, 60), ("ALARM", "OK"), hours=3),
    Story("VendorThrottling", "60 in an hour", times(60, "VendorThrottled", None, 0, 60), (), hours=3),
    Story("DaysMissing", "after three reports", reports("DaysMissing", 2, 1, 5, 0), ("ALARM", "OK"), hours=120),
    Story("DaysMissing", "after two reports", reports("DaysMissing", 2, 1, 0), (), hours=120),
    Story("DaysMissing", "after two of three days", reports("DaysMissing", 2, None, 1), (), hours=120),
    Story(
        "DaysMissing",
        "until a second run of the day",
        [*reports("DaysMissing", 2, 1, 5), *count("DaysMissing", None, 2900, value=0)],
        (),
        hours=120,
    ),
    Story("DaysAtRisk", "until a run finds none", reports("DaysAtRisk", 7, None, 0), ("ALARM", "OK"), hours=72),
    Story("DaysAtRisk", "and no run afterwards", reports("DaysAtRisk", 1), ("ALARM",), hours=72),
    Story("DaysAtRisk", "none", reports("DaysAtRisk", 0, 0), (), hours=72),
    Story("DaysNewlyLost", "one, once", reports("DaysNewlyLost", 1, 0), ("ALARM",), hours=72),
    Story("DaysNewlyLost", "none", reports("DaysNewlyLost", 0, 0), (), hours=72),
    Story("DaysNewlyLost", "long ago", reports("DaysLost", 9, 9), (), hours=72),
]

Mails = Callable[[Alarm, Story], tuple[str, ...]]


@pytest.fixture(scope="module")
def emitted(deployed: Deployment) -> dict[str, list[Metric]]:
    """The metrics that a run of the deployed functions writes, one of them throttled, by name."""
    day = str((utc_now() - LATE_DATA).date() - timedelta(days=1))
    deployed.empty_archive()
    deployed.engine.forget_names()
    deployed.vendor.script("list", throttled())
    said = since_now(deployed)
    deployed.run("ArchiveWorkflow", {"kinds": ["connection-records"], "first_day": day, "last_day": day})
    found: dict[str, list[Metric]] = {}
    for metric in metrics(said.output(), NAMESPACE):
        found.setdefault(metric.name, []).append(metric)
    return found


@pytest.fixture(scope="module")
def found(deployed: Deployment) -> dict[str, dict[str, Any]]:
    return alarms(deployed)


@pytest.fixture(scope="module")
def mails(deployed: Deployment, emitted: dict[str, list[Metric]]) -> Mails:
    """The mails that an alarm sends, by its new state; a mailbox is looked for once."""
    known: dict[str, list[str]] = {}

    def reached(alarm: Alarm, state: str) -> list[str]:
        key = f"{alarm} {state}"
        if key not in known:
            known[key] = mailboxes(deployed, alarm, state)
        return known[key]

    def sent(alarm: Alarm, story: Story) -> tuple[str, ...]:
        points = [point for counted in story.counted for point in counted.point(deployed, emitted)]
        changes = states(alarm, points, START, START + timedelta(hours=story.hours))
        return tuple(state for state in changes if ADDRESS in reached(alarm, state))

    return sent


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.alarm}: {story.what}")
def test_what_happens_comes_to_these_mails(story: Story, found: dict[str, dict[str, Any]], mails: Mails) -> None:
    assert mails(found[story.alarm], story) == story.mails


def test_every_alarm_has_a_story_in_which_it_goes_off_and_one_in_which_it_does_not(
    found: dict[str, dict[str, Any]],
) -> None:
    assert found.keys() == ALARMS.keys()
    assert {story.alarm for story in STORIES if "ALARM" in story.mails} == ALARMS.keys()
    assert {story.alarm for story in STORIES if not story.mails} == ALARMS.keys()


def _without_a_summand(alarm: dict[str, Any]) -> dict[str, Any]:
    told, *others = alarm["Metrics"]
    return {"Metrics": [told | {"Expression": told["Expression"].rpartition(" + ")[0]}, *others]}


BREAKS: dict[str, tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "a dimension of another name": (
        "DaysAtRisk",
        lambda alarm: {"Dimensions": [one | {"Name": "StackName"} for one in alarm["Dimensions"]]},
    ),
    "a dimension too many": (
        "DaysAtRisk",
        lambda alarm: {"Dimensions": [*alarm["Dimensions"], {"Name": "service", "Value": "report-archive"}]},
    ),
    "another resource": (
        "RunNotStarted",
        lambda alarm: {"Dimensions": [one | {"Value": "https://sqs/queue"} for one in alarm["Dimensions"]]},
    ),
    "another namespace": ("VendorThrottling", lambda _: {"Namespace": "WorkspaceExport"}),
    "a metric that does not exist": ("DaysNewlyLost", lambda _: {"MetricName": "DaysLostNewly"}),
    "what was sent to a queue that slept": (
        "RunNotStarted",
        lambda _: {"MetricName": "NumberOfMessagesSent", "Statistic": "Sum"},
    ),
    "a threshold that is never reached": ("FunctionErrors", lambda _: {"Threshold": 1e9}),
    "a threshold that is always reached": (
        "ApiErrors",
        lambda _: {"Threshold": -1.0, "TreatMissingData": "breaching"},
    ),
    "the other direction": ("NoRunStarted", lambda _: {"ComparisonOperator": "GreaterThanThreshold"}),
    "silence that is fine": ("NoRunStarted", lambda alarm: _unfilled(alarm) | {"TreatMissingData": "notBreaching"}),
    "an alarm that ends in silence": ("DaysAtRisk", lambda _: {"TreatMissingData": "notBreaching"}),
    "more periods than it lasts": ("ArchiveRunFailed", lambda _: {"EvaluationPeriods": 2}),
    "another statistic": ("DaysMissing", lambda _: {"Statistic": "Maximum"}),
    "a function left out": ("FunctionThrottling", _without_a_summand),
    "no action": ("ExportFailed", lambda _: {"AlarmActions": []}),
    "no action at the end": ("ApiErrors", lambda _: {"OKActions": []}),
    "actions turned off": ("ExportFailed", lambda _: {"ActionsEnabled": False}),
    "an alarm of another name": (
        "DaysNewlyLost",
        lambda alarm: {"AlarmArn": alarm["AlarmArn"].replace(":local-", ":")},
    ),
}


def _unfilled(alarm: dict[str, Any]) -> dict[str, Any]:
    told, *others = alarm["Metrics"]
    return {"Metrics": [told | {"Expression": others[0]["Id"]}, *others]}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_alarm_is_found(name: str, found: dict[str, dict[str, Any]], mails: Mails) -> None:
    broken, change = BREAKS[name]
    alarm = found[broken] | change(found[broken])
    stories = [story for story in STORIES if story.alarm == broken]
    assert [mails(alarm, story) for story in stories] != [story.mails for story in stories]


def test_the_topic_of_reports_lets_no_alarm_through(deployed: Deployment, found: dict[str, dict[str, Any]]) -> None:
    alarm = found["DaysNewlyLost"] | {"AlarmActions": [deployed.stack.outputs["RunReportsArn"]]}
    assert mailboxes(deployed, alarm, "ALARM") == []


@pytest.mark.parametrize(
    "call",
    [
        {"service": "events.amazonaws.com"},
        {"source_account": "210987654321"},
        {"source_arn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:other"},
        {"source_arn": "arn:aws:cloudwatch:us-east-1:210987654321:alarm:local-DaysNewlyLost"},
        {"secure_transport": False},
    ],
    ids=str,
)
def test_only_cloudwatch_publishes_and_only_for_alarms_of_this_stack(
    call: dict[str, object], deployed: Deployment, found: dict[str, dict[str, Any]]
) -> None:
    topic = deployed.stack.outputs["AlarmsArn"]
    assert may_publish(deployed.engine, topic, found["DaysNewlyLost"])
    assert not may_publish(deployed.engine, topic, found["DaysNewlyLost"], **call)


FILTER = {"FilterPolicy": '{"status": ["failed", "broke-off", {"exists": false}]}'}
"""The filter that let no alarm through, until 2026-11-28."""


@pytest.mark.parametrize(
    ("attributes", "sent"),
    [({}, False), ({"colour": "red"}, True), ({"status": "failed"}, True), ({"status": "complete"}, False)],
)
def test_a_filter_for_what_does_not_exist_needs_an_attribute_that_does(
    attributes: dict[str, str], *, sent: bool, deployed: Deployment, found: dict[str, dict[str, Any]]
) -> None:
    message, none = notification(found["DaysNewlyLost"], "ALARM")
    assert none == {}
    typed = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    assert lets_through(deployed.engine, FILTER, message, typed) is sent


@pytest.mark.parametrize("status", [*RunStatus, BROKE_OFF])
def test_of_runs_the_mailbox_hears_of_those_that_failed(status: str, deployed: Deployment) -> None:
    mail = Rendering(AlarmEmail=ADDRESS).properties("AlarmMail")
    filtering = {"FilterPolicy": json.dumps(mail["FilterPolicy"])}
    attributes = {"status": {"DataType": "String", "StringValue": str(status)}}
    assert lets_through(deployed.engine, filtering, "a report", attributes) is (status in {RunStatus.FAILED, BROKE_OFF})
