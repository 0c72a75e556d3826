"""Rules that companies run: AWS Control Tower's by cfn-guard, cdk-nag's packs, and checkov's."""

import json
import os
from collections.abc import Mapping

import pytest

from tests.rules.broken import UNDONE
from tests.rules.processed import EVERYTHING, MANDATORY, Processed
from tests.rules.reasons import Deployment, Reason, outdated, read, table, unexplained
from tests.rules.tools import ROOT, Finding
from tests.support.template.document import TEMPLATE

pytestmark = pytest.mark.rules

REASONS = read()
PAGE = ROOT / "docs" / "rules.md"
Judged = Mapping[str, Deployment]


class TestTheTemplate:
    @pytest.mark.parametrize("name", ["defaults", "everything"])
    def test_each_rule_that_is_not_met_has_a_reason(self, name: str, judged: Judged) -> None:
        lines = unexplained(judged[name], REASONS)
        assert not lines, "\n".join(lines)

    def test_each_reason_still_applies(self, judged: Judged) -> None:
        lines = outdated([judged["defaults"], judged["everything"]], REASONS)
        assert not lines, "\n".join(lines)

    def test_a_rule_is_met_with_parameters_that_are_turned_on(self) -> None:
        for reason in REASONS:
            assert {*reason.met_with, *reason.comes_with} <= EVERYTHING.keys() - MANDATORY.keys()

    def test_the_page_lists_the_reasons(self) -> None:
        text = PAGE.read_text(encoding="utf-8")
        for name, met in ("met with a parameter", True), ("not met", False):
            start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"
            before, after = text.split(start)[0], text.split(end)[1]
            text = f"{before}{start}{table(REASONS, met=met)}{end}{after}"
        if os.environ.get("UPDATE_GOLDEN"):
            PAGE.write_text(text, encoding="utf-8")
        assert PAGE.read_text(encoding="utf-8") == text


class TestTheTools:
    @pytest.mark.parametrize(
        ("resource", "rule"), [(resource, rule) for resource, (_, rules) in UNDONE.items() for rule in rules]
    )
    def test_they_notice_what_is_undone_and_no_reason_hides_it(self, resource: str, rule: str, judged: Judged) -> None:
        asked = Deployment("everything", judged["broken"].types, judged["broken"].found)
        assert any(line.startswith(f"{rule} {resource}:") for line in unexplained(asked, REASONS))

    @pytest.mark.parametrize(("name", "met"), [("unquoted", False), ("quoted", True)])
    def test_control_tower_wants_a_condition_as_text(self, name: str, judged: Judged, *, met: bool) -> None:
        assert ("CT.S3.PR.8" not in {finding.rule for finding in judged[name].found}) is met

    @pytest.mark.parametrize("name", ["defaults", "everything"])
    def test_cdk_nag_could_judge_each_rule(self, name: str, judged: Judged) -> None:
        assert not [finding for finding in judged[name].found if "threw an error" in finding.message]


class TestReasons:
    FOUND = Finding("CT.S3.PR.2", "Bucket")
    REASON = Reason(reason="...", rules=("CT.S3.*",), resources=("AWS::S3::Bucket",))

    def deployment(self, *found: Finding, name: str = "defaults") -> Deployment:
        return Deployment(name, {"Bucket": "AWS::S3::Bucket", "Topic": "AWS::SNS::Topic"}, frozenset(found))

    def test_a_finding_needs_a_reason_for_its_rule_and_its_resource(self) -> None:
        for found in Finding("CT.SNS.PR.2", "Bucket"), Finding("CT.S3.PR.2", "Topic"):
            assert unexplained(self.deployment(found, self.FOUND), [self.REASON]) == [str(found)]

    def test_a_reason_is_out_of_date_once_its_rule_is_met(self) -> None:
        assert not outdated([self.deployment(self.FOUND)], [self.REASON])
        both = self.REASON.model_copy(update={"rules": ("CT.S3.PR.2", "CT.S3.PR.9")})
        (line,) = outdated([self.deployment(self.FOUND)], [both])
        assert line == "CT.S3.PR.9 is met by AWS::S3::Bucket with defaults"

    def test_a_reason_is_out_of_date_once_one_of_its_resources_meets_the_rule_or_is_gone(self) -> None:
        both = self.REASON.model_copy(update={"resources": ("Bucket", "Topic", "Queue")})
        assert outdated([self.deployment(self.FOUND)], [both]) == [
            "Queue is not there",
            "Topic meets CT.S3.* with defaults",
        ]

    def test_a_parameter_that_meets_a_rule_has_to_meet_it(self) -> None:
        met = self.REASON.model_copy(update={"met_with": ("AccessLogBucket",)})
        defaults, everything = (self.deployment(self.FOUND, name=name) for name in ("defaults", "everything"))
        assert not unexplained(defaults, [met])
        assert unexplained(everything, [met])
        assert not outdated([defaults, self.deployment(name="everything")], [met])

    def test_a_text_in_brackets_is_no_pattern(self) -> None:
        wild = Reason(reason="...", rules=("IAM5[Resource::data/*]",), resources=("Bucket",))
        assert not unexplained(self.deployment(Finding("IAM5[Resource::data/*]", "Bucket")), [wild])
        assert unexplained(self.deployment(Finding("IAM5[Resource::*]", "Bucket")), [wild])


class TestProcessed:
    def test_the_two_sets_of_parameters_meet_each_condition_and_each_assertion(self) -> None:
        defaults, everything = Processed(**MANDATORY), Processed(**EVERYTHING)
        assert not [name for name in TEMPLATE["Conditions"] if not (defaults.holds(name) or everything.holds(name))]
        assert all(asked.allowed(rule) for asked in (defaults, everything) for rule in TEMPLATE["Rules"])

    @pytest.mark.parametrize("parameters", [MANDATORY, EVERYTHING], ids=["defaults", "everything"])
    def test_no_function_is_left_but_references(self, parameters: dict[str, str]) -> None:
        text = json.dumps(Processed(**parameters).resources())
        assert not [name for name in ("Fn::If", "Fn::Sub", "Fn::Select", "Fn::Split", "AWS::NoValue") if name in text]
        assert not [name for name in (*TEMPLATE["Parameters"], "AWS::Region") if f'"Ref": "{name}"' in text]

    def test_the_transform_knows_the_parameters(self) -> None:
        functions = [Processed(**asked).resources()["FetchFileFunction"] for asked in (MANDATORY, EVERYTHING)]
        assert [f["Properties"].get("TracingConfig") for f in functions] == [None, {"Mode": "Active"}]
