"""What the template offers to those who run an account: bounds, a network, an API or none, names for other stacks."""

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from local.release.template import MOST_BYTES_BY_URL, MOST_BYTES_IN_A_CALL
from tests.support.builders.stack_parameters import ALL_ON, BOUNDARY, GROUPS, SUBNETS
from tests.support.template.alarms import dashboard
from tests.support.template.document import FUNCTION_OF, FUNCTIONS, HTTP_ONLY, MACHINES, NONE, RESOURCES, ROOT, TEMPLATE
from tests.support.template.rendering import Rendering

GIVEN = {"WorkspaceRegion": "ap-southeast-3", "CredentialsSecretArn": "arn:secret"}
VARIANTS = {"defaults": GIVEN, "all on": {**GIVEN, **ALL_ON}, "no API": GIVEN | {"HttpApi": "false"}}
BOUNDED = {"Fn::If": ["RolesAreBounded", {"Ref": "PermissionsBoundary"}, NONE]}
_API_TYPES = ("AWS::ApiGatewayV2::", "AWS::Lambda::Permission")


def references(node: Any) -> Iterator[str]:
    """The names that a rendered part of the template refers to."""
    if isinstance(node, list):
        yield from (name for item in node for name in references(item))
    elif isinstance(node, dict):
        for function, argument in node.items():
            if function == "Ref" and isinstance(argument, str):
                yield argument
            elif function == "Fn::GetAtt":
                yield argument[0] if isinstance(argument, list) else argument.partition(".")[0]
            elif function == "Fn::Sub":
                text, words = argument if isinstance(argument, list) else (argument, {})
                yield from references(words)
                yield from {name.partition(".")[0] for name in re.findall(r"\$\{([\w:.]+)\}", text)} - words.keys()
            else:
                yield from references(argument)


class TestParameters:
    def test_every_parameter_is_turned_on_where_all_are(self) -> None:
        left_out = {*GIVEN, "Architecture", "HttpApi"}
        assert ALL_ON.keys() == TEMPLATE["Parameters"].keys() - left_out

    @pytest.mark.parametrize("name", ALL_ON)
    def test_it_is_set_to_another_value_than_its_default_and_one_that_it_takes(self, name: str) -> None:
        declared, value = TEMPLATE["Parameters"][name], ALL_ON[name]
        assert value != str(declared["Default"])
        one = value.split(",")[0] if declared["Type"] == "CommaDelimitedList" else value
        assert re.fullmatch(declared.get("AllowedPattern", ".*"), one)
        assert value in map(str, declared.get("AllowedValues", [value]))
        if "MinValue" in declared:
            assert declared["MinValue"] <= int(value) <= declared["MaxValue"]

    @pytest.mark.parametrize("parameters", VARIANTS.values(), ids=VARIANTS)
    def test_what_belongs_together_is_allowed(self, parameters: dict[str, str]) -> None:
        refused = [rule for rule in TEMPLATE["Rules"] if not Rendering(**parameters).allowed(rule)]
        assert not refused

    @pytest.mark.parametrize(
        ("rule", "parameters"),
        [
            ("AudiencesNeedIssuer", {"JwtAudience": "archive"}),
            ("ApiSettingsNeedApi", {"HttpApi": "false", "LogCallers": "true"}),
            ("ApiSettingsNeedApi", {"HttpApi": "false", "JwtIssuer": "https://a.example", "JwtAudience": "b"}),
            ("SubnetsNeedSecurityGroups", {"SubnetIds": "subnet-0a1"}),
            ("SecurityGroupsNeedSubnets", {"SecurityGroupIds": "sg-0c3"}),
        ],
    )
    def test_what_does_not_is_refused_with_what_to_change(self, rule: str, parameters: dict[str, str]) -> None:
        asked = Rendering(**GIVEN, **parameters)
        assert [name for name in TEMPLATE["Rules"] if not asked.allowed(name)] == [rule]
        for assertion in TEMPLATE["Rules"][rule]["Assertions"]:
            first, *rest = assertion["AssertDescription"].split(". ")
            assert rest, "a sentence on what is wrong, and one on what to change"
            assert first.split()[0] in TEMPLATE["Parameters"]

    @pytest.mark.parametrize("parameters", VARIANTS.values(), ids=VARIANTS)
    def test_nothing_refers_to_what_is_not_there(self, parameters: dict[str, str]) -> None:
        asked = Rendering(**parameters)
        there = {name for name in RESOURCES if asked.has(name)}
        there |= {f"{name}Role" for name in there} | TEMPLATE["Parameters"].keys()
        parts = {name: asked.properties(name) for name in RESOURCES if asked.has(name)}
        outputs = TEMPLATE["Outputs"].items()
        parts |= {name: asked.value(o) for name, o in outputs if "Condition" not in o or asked.holds(o["Condition"])}
        for name, part in parts.items():
            missing = {r for r in references(part) if not r.startswith("AWS::")} - there
            assert not missing, name


class TestBoundary:
    def test_every_role_is_bounded_where_there_is_a_boundary(self, release: dict[str, Any]) -> None:
        roles = {name: r["Properties"] for name, r in release["Resources"].items() if r["Type"] == "AWS::IAM::Role"}
        assert len(roles) > len(FUNCTIONS) + len(MACHINES)
        assert {name: role.get("PermissionsBoundary") for name, role in roles.items()} == dict.fromkeys(roles, BOUNDED)

    def test_without_one_no_role_has_any(self) -> None:
        assert not Rendering().holds("RolesAreBounded")
        assert Rendering(PermissionsBoundary=BOUNDARY).holds("RolesAreBounded")

    @pytest.mark.parametrize(
        ("value", "allowed"),
        [(BOUNDARY, True), ("arn:aws-us-gov:iam::aws:policy/PowerUserAccess", True), ("", True), ("workload", False)],
    )
    def test_it_is_named_by_its_arn(self, value: str, *, allowed: bool) -> None:
        assert bool(re.match(TEMPLATE["Parameters"]["PermissionsBoundary"]["AllowedPattern"], value)) is allowed


class TestNetwork:
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_every_function_works_in_the_subnets_where_there_are_some(
        self, function: str, release: dict[str, Any]
    ) -> None:
        condition, inside, outside = release["Resources"][function]["Properties"]["VpcConfig"]["Fn::If"]
        assert inside == {"SubnetIds": {"Ref": "SubnetIds"}, "SecurityGroupIds": {"Ref": "SecurityGroupIds"}}
        assert (condition, outside) == ("FunctionsHaveNetwork", NONE)
        assert not Rendering().holds(condition)
        assert Rendering(SubnetIds=",".join(SUBNETS), SecurityGroupIds=GROUPS[0]).holds(condition)

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_lambda_may_make_interfaces_there_and_the_functions_code_may_not(
        self, function: str, release: dict[str, Any]
    ) -> None:
        assert "/AWSLambdaVPCAccessExecutionRole" in str(release["Resources"][f"{function}Role"]["Properties"])
        roles = Rendering().properties("NoInterfacesByCode")["Roles"]
        assert {"Ref": f"{function}Role"} in roles
        assert len(roles) == len(FUNCTIONS)

    def test_all_that_aws_grants_for_a_network_is_denied_to_code(self) -> None:
        (denied,) = RESOURCES["NoInterfacesByCode"]["Properties"]["PolicyDocument"]["Statement"]
        # Of AWSLambdaVPCAccessExecutionRole, version 3, without the log's actions.
        made = {"CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets"}
        assigned = {"AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"}
        assert set(denied["Action"]) == {f"ec2:{action}" for action in made | assigned}
        assert (denied["Effect"], denied["Resource"]) == ("Deny", "*")
        assert denied["Condition"] == {"Null": {"lambda:SourceFunctionArn": "false"}}


class TestApi:
    WITHOUT = Rendering(HttpApi="false")

    def test_it_is_there_unless_told_otherwise(self) -> None:
        assert [name for name, r in RESOURCES.items() if r.get("Condition") == "ApiIsWanted" and Rendering().has(name)]

    def test_without_it_nothing_is_left_that_serves_it_alone(self) -> None:
        left = {name: resource["Type"] for name, resource in RESOURCES.items() if self.WITHOUT.has(name)}
        assert not [name for name, kind in left.items() if kind.startswith(_API_TYPES)]
        gone = {*HTTP_ONLY, "ArchiveApiLog", "FetchFileOverHttpLog", "ShowCoverageLog", "StartArchiveRunRole"}
        assert not left.keys() & {*gone, "ApiErrors"}
        assert {*FUNCTION_OF.values()} - HTTP_ONLY <= left.keys(), "the workflows call these too"
        assert TEMPLATE["Outputs"]["ApiUrl"]["Condition"] == "ApiIsWanted"

    def test_alarms_and_dashboard_do_without_it(self) -> None:
        for alarm in ("FunctionErrors", "FunctionThrottling"):
            named = str(self.WITHOUT.properties(alarm)["Metrics"])
            assert "StartExportFunction" in named
            assert not [function for function in HTTP_ONLY if function in named]
        shown = json.dumps(dashboard(HttpApi="false"))
        assert "StartExportFunction" in shown
        assert not [name for name in (*HTTP_ONLY, "ArchiveApi", "ApiErrors") if name in shown]


class TestOutputs:
    def test_what_other_stacks_use_is_exported_under_this_stacks_name(self) -> None:
        exported = {name: o["Export"]["Name"] for name, o in TEMPLATE["Outputs"].items() if "Export" in o}
        assert exported == {name: {"Fn::Sub": f"${{AWS::StackName}}-{name}"} for name in exported}
        assert exported.keys() >= {"ArchiveBucketName", "ArchiveWorkflowArn", "ExportWorkflowArn", "RunReportsArn"}

    @pytest.mark.parametrize("parameters", VARIANTS.values(), ids=VARIANTS)
    def test_every_log_group_is_named(self, parameters: dict[str, str]) -> None:
        asked = Rendering(**parameters)
        groups = {name for name, r in RESOURCES.items() if r["Type"] == "AWS::Logs::LogGroup" and asked.has(name)}
        _, named = TEMPLATE["Outputs"]["LogGroupNames"]["Value"]["Fn::Join"]
        assert {group["Ref"] for group in asked.value(named)} == groups


class TestStackPolicy:
    STATEMENTS: list[dict[str, Any]] = json.loads((ROOT / "stack-policy.json").read_text(encoding="utf-8"))["Statement"]

    def test_the_archives_bucket_is_neither_replaced_nor_removed_by_an_update(self) -> None:
        (denied,) = [statement for statement in self.STATEMENTS if statement["Effect"] == "Deny"]
        assert set(denied["Action"]) == {"Update:Replace", "Update:Delete"}
        assert "LogicalResourceId/ArchiveBucket" in denied["Resource"]
        assert {name.removeprefix("LogicalResourceId/") for name in denied["Resource"]} <= RESOURCES.keys()

    def test_everything_else_may_be_updated(self) -> None:
        """A stack policy denies what it does not allow."""
        allowed = {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}
        assert allowed in self.STATEMENTS


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def chapter(name: str, heading: str) -> str:
    """A part of a page, from its heading to the next of that level."""
    level, _, _ = heading.partition(" ")
    _, found, rest = page(name).partition(f"\n{heading}\n")
    assert found
    return rest.partition(f"\n{level} ")[0]


class TestDeploying:
    def test_no_page_offers_what_would_upload_the_whole_folder(self) -> None:
        """`aws cloudformation package` knows no Globals: it takes the template's folder for every function's code."""
        pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
        offering = {file.name for file in pages if "cloudformation package" in file.read_text(encoding="utf-8")}
        assert offering == set()
        assert TEMPLATE["Globals"]["Function"]["CodeUri"] == ".build/lambda.zip"
        assert not [name for name, function in FUNCTIONS.items() if "CodeUri" in function]

    def test_the_schedule_and_what_runs_are_stopped_before_a_stack_is_deleted(self) -> None:
        told = chapter("docs/deploy.md", "## Removing")
        steps = ["ScheduleState=DISABLED", '"$ArchiveWorkflowArn" "$ExportWorkflowArn"', "stop-execution", "sam delete"]
        commands = "\n".join(re.findall(r"```console\n(.*?)```", told, re.DOTALL))
        assert sorted(steps, key=commands.index) == steps
        assert all(step in commands for step in steps)

    def test_a_run_that_is_stopped_stops_its_exports_and_the_runbook_says_how_to_go_on(self) -> None:
        (states,) = (m["Definition"]["States"] for name, m in MACHINES.items() if name == "ArchiveWorkflow")
        item = states["Export each missing day"]["ItemProcessor"]["States"]["Export one day"]
        assert item["Resource"].endswith(":states:startExecution.sync:2"), "what waits for an execution stops it"
        told = chapter("docs/runbook.md", "## Stop a run")
        assert "stops its exports too" in told
        assert "end by themselves" not in page("docs/runbook.md")
        (_, again) = re.findall(r"```console\n(.*?)```", told, re.DOTALL)
        assert "--status-filter ABORTED" in again
        assert re.search(r'start-execution --state-machine-arn "\$ExportWorkflowArn"(?!.*--name)', again, re.DOTALL)

    def test_the_deployer_is_told_of_every_type_of_resource(self, release: dict[str, Any]) -> None:
        types = {resource["Type"] for resource in release["Resources"].values()}
        assert set(re.findall(r"`(AWS::\w+::\w+)`", self._table())) == types

    def test_every_action_that_the_deployer_needs_is_one_of_aws(self) -> None:
        actions = re.findall(r"`([a-z0-9]+):(\w+)`", self._table())
        known = json.loads((files("cfnlint.data.AdditionalSpecs") / "Policies.json").read_text())
        assert len(actions) > 80
        assert not [f"{s}:{action}" for s, action in actions if action.lower() not in known[s]["Actions"]]

    @staticmethod
    def _table() -> str:
        return page("docs/deploy.md").partition("<!-- deployer -->")[2].partition("<!-- end of deployer -->")[0]

    def test_the_page_says_how_large_a_template_may_be(self) -> None:
        told = chapter("docs/deploy.md", "## A release, for the console and StackSets")
        assert (f"{MOST_BYTES_IN_A_CALL:,}" in told, f"{MOST_BYTES_BY_URL:,}" in told) == (True, True)
        assert "templateURL=https://BUCKET.s3.REGION.amazonaws.com/" in told
