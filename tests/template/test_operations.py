"""What the template tells those who run it: parameters to fill in, alarms, a dashboard, and what to do about each."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.template.alarms import _EXECUTIONS, ALARMS, AWS, NAMESPACE, OURS, dashboard
from tests.support.template.document import FUNCTIONS, MACHINES, RESOURCES, ROOT, TEMPLATE
from tests.support.template.rendering import Rendering

WORST, UNHEARD = 604_800, 86_400
"""The longest an alarm may look back, in seconds: with periods of an hour and more, and with shorter ones."""
RUNBOOK = ROOT / "docs" / "runbook.md"


def stats(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """Every metric that an alarm looks at: Namespace, MetricName, Dimensions, Period, Stat."""
    if "Metrics" not in alarm:
        return [alarm | {"Stat": alarm["Statistic"]}]
    return [m["MetricStat"]["Metric"] | m["MetricStat"] for m in alarm["Metrics"] if "MetricStat" in m]


def named(value: dict[str, Any]) -> str:
    return str(value["Ref"] if "Ref" in value else value["Fn::GetAtt"][0])


def check_metric(namespace: str, metric: str, dimension: str, resource: str) -> None:
    if namespace == NAMESPACE:
        assert metric in OURS
        assert (dimension, resource) == ("Stack", "AWS::StackName")
        return
    expected, kind, metrics = AWS[namespace]
    assert metric in metrics
    assert (dimension, RESOURCES[resource]["Type"]) == (expected, kind)


class TestAlarms:
    @pytest.mark.parametrize("name", ALARMS)
    def test_it_is_heard(self, name: str) -> None:
        alarm = ALARMS[name]
        assert alarm["AlarmActions"] == [{"Ref": "Alarms"}]
        assert alarm.get("OKActions", [{"Ref": "Alarms"}]) == [{"Ref": "Alarms"}]
        assert alarm.get("ActionsEnabled", True) is True
        said = alarm["AlarmDescription"]
        assert (said if isinstance(said, str) else said["Fn::Sub"]).endswith(".")

    @pytest.mark.parametrize("name", ALARMS)
    def test_its_metrics_are_emitted(self, name: str) -> None:
        for stat in stats(ALARMS[name]):
            ((dimension,),) = [stat["Dimensions"]]
            check_metric(stat["Namespace"], stat["MetricName"], dimension["Name"], named(dimension["Value"]))

    @pytest.mark.parametrize("name", ALARMS)
    def test_it_says_what_silence_means_and_cloudwatch_takes_it(self, name: str) -> None:
        alarm = ALARMS[name]
        assert alarm["TreatMissingData"] in {"breaching", "notBreaching", "ignore"}
        periods = alarm["EvaluationPeriods"]
        longest = TEMPLATE["Parameters"][periods["Ref"]]["MaxValue"] if isinstance(periods, dict) else periods
        (period,) = {stat["Period"] for stat in stats(alarm)}
        assert period * longest <= (WORST if period >= 3600 else UNHEARD)
        assert period % 60 == 0

    @pytest.mark.parametrize("name", [name for name in ALARMS if "Metrics" in ALARMS[name]])
    def test_it_computes_with_the_metrics_it_names_and_tells_one_number(self, name: str) -> None:
        metrics = ALARMS[name]["Metrics"]
        ids = {metric["Id"] for metric in metrics if "MetricStat" in metric}
        (told,) = [metric for metric in metrics if metric["ReturnData"]]
        assert len(ids) == len(metrics) - 1 <= 9
        assert set(re.findall(r"\b[a-z]\w*\b", told["Expression"])) == ids

    @pytest.mark.parametrize(("name", "metric"), [("FunctionErrors", "Errors"), ("FunctionThrottling", "Throttles")])
    def test_no_function_is_overlooked(self, name: str, metric: str) -> None:
        counted = stats(ALARMS[name])
        assert [named(stat["Dimensions"][0]["Value"]) for stat in counted] == list(FUNCTIONS)
        assert {stat["MetricName"] for stat in counted} == {metric}

    @pytest.mark.parametrize(
        ("name", "machine"), [("ArchiveRunFailed", "ArchiveWorkflow"), ("ExportFailed", "ExportWorkflow")]
    )
    def test_however_a_machine_fails_it_is_told(self, name: str, machine: str) -> None:
        counted = stats(ALARMS[name])
        assert {stat["MetricName"] for stat in counted} == _EXECUTIONS - {"ExecutionsStarted", "ExecutionsSucceeded"}
        assert {named(stat["Dimensions"][0]["Value"]) for stat in counted} == {machine}

    def test_no_machine_is_overlooked(self) -> None:
        assert {"ArchiveWorkflow", "ExportWorkflow"} == MACHINES.keys()

    def test_a_day_without_a_run_is_told_unless_none_is_wanted(self) -> None:
        alarm = Rendering().properties("NoRunStarted")
        (started,) = stats(alarm)
        assert (started["MetricName"], started["Period"], started["Stat"]) == ("ExecutionsStarted", 3600, "Sum")
        assert alarm["Metrics"][0]["Expression"] == "FILL(started, 0)"
        assert alarm["EvaluationPeriods"] == 26
        assert "DatapointsToAlarm" not in alarm
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "LessThanThreshold")
        assert alarm["TreatMissingData"] == "breaching"
        assert not Rendering(ScheduleState="DISABLED").has("NoRunStarted")

    @pytest.mark.parametrize("name", sorted(ALARMS.keys() - {"NoRunStarted"}))
    def test_too_much_of_anything_else_is_told(self, name: str) -> None:
        assert ALARMS[name]["ComparisonOperator"] == "GreaterThanThreshold"
        assert ALARMS[name]["Threshold"] >= 0
        assert RESOURCES[name].get("Condition") == ("ApiIsWanted" if name == "ApiErrors" else None)

    def test_days_at_risk_stay_told_until_a_run_says_otherwise(self) -> None:
        alarm = ALARMS["DaysAtRisk"]
        assert (alarm["MetricName"], alarm["Threshold"], alarm["TreatMissingData"]) == ("DaysAtRisk", 0, "ignore")

    def test_a_day_that_was_lost_is_told_once(self) -> None:
        alarm = ALARMS["DaysNewlyLost"]
        assert (alarm["MetricName"], alarm["Threshold"]) == ("DaysNewlyLost", 0)

    @pytest.mark.skipif(
        importlib.util.find_spec("workspace_exports.metrics") is None, reason="this tree's functions count nothing yet"
    )
    @pytest.mark.parametrize("metric", sorted(OURS))
    def test_what_is_looked_at_is_counted(self, metric: str) -> None:
        source = (ROOT / "shared" / "workspace_exports" / "metrics.py").read_text(encoding="utf-8")
        assert f'"{metric}"' in source

    def test_functions_count_under_the_name_that_alarms_ask_for(self) -> None:
        variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
        assert variables["POWERTOOLS_METRICS_NAMESPACE"] == NAMESPACE
        assert variables["STACK_NAME"] == {"Ref": "AWS::StackName"}


class TestMail:
    MAIL = "team@example.com"

    def test_an_address_hears_of_every_alarm(self) -> None:
        mail = Rendering(AlarmEmail=self.MAIL).properties("MailOfAlarms")
        assert mail == {"TopicArn": {"Ref": "Alarms"}, "Protocol": "email", "Endpoint": self.MAIL}

    def test_it_hears_of_runs_that_failed_by_the_subscription_that_earlier_stacks_have(self) -> None:
        """An update may change the filter of a subscription, and nothing else, or it subscribes an address twice."""
        mail = Rendering(AlarmEmail=self.MAIL).properties("AlarmMail")
        assert mail == {
            "TopicArn": {"Ref": "RunReports"},
            "Protocol": "email",
            "Endpoint": self.MAIL,
            "FilterPolicy": {"status": ["failed", "broke-off"]},
        }

    @pytest.mark.parametrize("name", ["AlarmMail", "MailOfAlarms"])
    def test_without_one_there_is_no_mail(self, name: str) -> None:
        assert not Rendering().has(name)


WIDGETS = [widget["properties"] for widget in dashboard()["widgets"]]


class TestDashboard:
    def test_every_alarm_is_on_it_where_there_is_one(self) -> None:
        shown = [arn.removesuffix(".Arn") for arn in WIDGETS[0]["alarms"]]
        assert sorted(shown) == sorted(ALARMS)
        unscheduled = dashboard(ScheduleState="DISABLED")["widgets"][0]["properties"]["alarms"]
        assert {"NoRunStarted.Arn", *unscheduled} == set(WIDGETS[0]["alarms"])
        assert "NoRunStarted.Arn" not in unscheduled

    @pytest.mark.parametrize("widget", WIDGETS[1:], ids=lambda widget: widget["title"])
    def test_every_line_shows_a_metric_that_is_emitted(self, widget: dict[str, Any]) -> None:
        assert widget["metrics"]
        assert widget["region"] == "AWS::Region"
        for namespace, metric, dimension, value, *_ in widget["metrics"]:
            check_metric(namespace, metric, dimension, value)

    def test_everything_our_functions_count_is_on_it(self) -> None:
        lines = [line for widget in WIDGETS[1:] for line in widget["metrics"]]
        assert {metric for namespace, metric, *_ in lines if namespace == NAMESPACE} == OURS

    def test_no_two_widgets_lie_on_each_other(self) -> None:
        placed = [
            (x, y)
            for widget in dashboard()["widgets"]
            for x in range(widget["x"], widget["x"] + widget["width"])
            for y in range(widget["y"], widget["y"] + widget["height"])
        ]
        assert len(set(placed)) == len(placed)
        assert max(x for x, _ in placed) < 24


PARAMETERS: dict[str, Any] = TEMPLATE["Parameters"]
INTERFACE: dict[str, Any] = TEMPLATE["Metadata"]["AWS::CloudFormation::Interface"]


class TestParameters:
    @pytest.mark.parametrize("name", PARAMETERS)
    def test_it_says_what_it_is_and_what_it_takes(self, name: str) -> None:
        declared = PARAMETERS[name]
        assert declared["Description"].endswith(".")
        assert declared["ConstraintDescription"]
        assert declared.keys() & {"AllowedPattern", "AllowedValues", "MinValue"}
        assert len(INTERFACE["ParameterLabels"][name]["default"]) < 60

    @pytest.mark.parametrize("name", [name for name, declared in PARAMETERS.items() if "Default" in declared])
    def test_its_default_is_one_that_it_takes(self, name: str) -> None:
        declared = PARAMETERS[name]
        default = declared["Default"]
        assert re.match(declared.get("AllowedPattern", ""), str(default))
        assert default in declared.get("AllowedValues", [default])
        if declared["Type"] == "Number" and "MinValue" in declared:
            assert declared["MinValue"] <= default <= declared["MaxValue"]

    def test_each_is_in_one_group_and_they_are_declared_in_that_order(self) -> None:
        grouped = [name for group in INTERFACE["ParameterGroups"] for name in group["Parameters"]]
        assert grouped == list(PARAMETERS)
        assert INTERFACE["ParameterLabels"].keys() == PARAMETERS.keys()

    def test_every_parameter_is_used(self) -> None:
        rest = {section: TEMPLATE[section] for section in ("Conditions", "Globals", "Resources", "Outputs")}
        assert not [name for name in PARAMETERS if f"'Ref': '{name}'" not in str(rest)]

    @pytest.mark.parametrize(
        ("several", "secrets", "allowed"),
        [("false", "", True), ("true", "arn:one,arn:other", True), ("true", "", True), ("false", "arn:one", False)],
    )
    def test_secrets_of_targets_are_readable_only_where_there_are_targets(
        self, several: str, secrets: str, *, allowed: bool
    ) -> None:
        asked = Rendering(ArchiveTargets=several, TargetSecretArns=secrets)
        assert asked.allowed("TargetSecretsNeedTargets") is allowed


def sections(page: Path, heading: str) -> dict[str, str]:
    """The parts of one chapter of a page, by name."""
    text = page.read_text(encoding="utf-8")
    chapter = re.split(r"^## ", text.partition(f"\n## {heading}\n")[2], flags=re.MULTILINE)[0]
    _, *parts = re.split(r"^### ", chapter, flags=re.MULTILINE)
    return {name.strip("`"): body for name, _, body in (part.partition("\n") for part in parts)}


class TestRunbook:
    def test_every_alarm_has_its_section_and_no_other_has(self) -> None:
        assert sorted(sections(RUNBOOK, "Alarms")) == sorted(ALARMS)

    @pytest.mark.parametrize("name", ALARMS)
    def test_it_says_what_an_alarm_means_and_what_to_do(self, name: str) -> None:
        section = sections(RUNBOOK, "Alarms")[name]
        assert "**Means**" in section
        assert "**Do**" in section

    def test_the_outputs_it_uses_exist(self) -> None:
        used = set(re.findall(r"\$([A-Z]\w+(?:Arn|Url))\b", RUNBOOK.read_text(encoding="utf-8")))
        assert used
        assert used <= TEMPLATE["Outputs"].keys()

    def test_the_resources_it_looks_up_exist(self) -> None:
        looked_up = set(re.findall(r"\blog (\w+Log)\b", RUNBOOK.read_text(encoding="utf-8")))
        assert looked_up
        assert looked_up <= RESOURCES.keys()
