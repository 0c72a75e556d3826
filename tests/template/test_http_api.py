"""What the template promises of the HTTP API: never open, and each part may do its own work only."""

import json
import re
from typing import Any

import pytest

from tests.support.template.document import (
    FUNCTION_OF,
    FUNCTIONS,
    MACHINES,
    NONE,
    RESOURCES,
    TEMPLATE,
    allow,
    below,
    statements,
)

RUNS = "POST /archive-runs"
GATEWAY_SECONDS = 30
"""API Gateway's longest wait for an integration of an HTTP API."""
COLD_START_SECONDS = 5
"""Not in a function's Timeout, but in the gateway's wait. Seen here: 2.4 s at the processor share of 512 MB."""
IMPERSONAL = {
    "authorizer.error",
    "error.responseType",
    "integration.requestId",
    "integration.status",
    "integrationLatency",
    "requestId",
    "requestTime",
    "responseLatency",
    "responseLength",
    "routeKey",
    "status",
}
"""Variables of an access log that tell neither who asked nor for what; error messages may quote either."""


def api(kind: str, *, tokens: bool) -> dict[str, dict[str, Any]]:
    """The API's resources of one type, with an issuer of tokens or without."""
    rendered = {name: render(resource, tokens=tokens) for name, resource in RESOURCES.items()}
    return {
        name: resource["Properties"]
        for name, resource in rendered.items()
        if resource["Type"] == f"AWS::ApiGatewayV2::{kind}"
        and (tokens or resource.get("Condition") != "CallersBringTokens")
    }


def render(value: Any, *, tokens: bool) -> Any:
    """The value with that one condition decided."""
    if isinstance(value, list):
        return [render(item, tokens=tokens) for item in value]
    if not isinstance(value, dict):
        return value
    condition, *branches = value.get("Fn::If", [None])
    if condition == "CallersBringTokens":
        return render(branches[0 if tokens else 1], tokens=tokens)
    rendered = {name: render(item, tokens=tokens) for name, item in value.items()}
    return {name: item for name, item in rendered.items() if item != NONE}


def target_of(route: dict[str, Any]) -> dict[str, Any]:
    """The integration a route leads to."""
    name = re.fullmatch(r"integrations/\$\{(\w+)\}", route["Target"]["Fn::Sub"])
    assert name
    return api("Integration", tokens=False)[name[1]]


class TestAccess:
    def test_callers_sign_with_aws_credentials_unless_told_otherwise(self) -> None:
        assert TEMPLATE["Parameters"]["JwtIssuer"]["Default"] == ""
        tokens = [{"Condition": "ApiIsWanted"}, {"Fn::Not": [{"Fn::Equals": [{"Ref": "JwtIssuer"}, ""]}]}]
        assert TEMPLATE["Conditions"]["CallersBringTokens"] == {"Fn::And": tokens}
        assert api("Authorizer", tokens=False) == {}
        routes = api("Route", tokens=False).values()
        assert {(route["AuthorizationType"], "AuthorizerId" in route) for route in routes} == {("AWS_IAM", False)}

    def test_with_an_issuer_they_bring_its_tokens(self) -> None:
        ((name, authorizer),) = api("Authorizer", tokens=True).items()
        routes = api("Route", tokens=True).values()
        assert {(route["AuthorizationType"], route["AuthorizerId"]["Ref"]) for route in routes} == {("JWT", name)}
        assert authorizer["AuthorizerType"] == "JWT"
        assert authorizer["IdentitySource"] == ["$request.header.Authorization"]
        assert authorizer["JwtConfiguration"] == {"Issuer": {"Ref": "JwtIssuer"}, "Audience": {"Ref": "JwtAudience"}}

    def test_an_issuer_needs_an_audience(self) -> None:
        rule = TEMPLATE["Rules"]["TokensNeedAudience"]
        assert rule["RuleCondition"] in TEMPLATE["Conditions"]["CallersBringTokens"]["Fn::And"]
        (assertion,) = rule["Assertions"]
        assert assertion["Assert"] == {"Fn::Not": [{"Fn::EachMemberEquals": [{"Ref": "JwtAudience"}, ""]}]}

    @pytest.mark.parametrize(
        ("issuer", "allowed"), [("", True), ("https://login.example.com/", True), ("http://login.example.com", False)]
    )
    def test_an_issuer_is_asked_over_https(self, issuer: str, *, allowed: bool) -> None:
        assert bool(re.match(TEMPLATE["Parameters"]["JwtIssuer"]["AllowedPattern"], issuer)) is allowed

    def test_there_is_one_api_its_routes_are_known_and_no_page_elsewhere_may_call_it(self) -> None:
        ((name, properties),) = api("Api", tokens=False).items()
        assert "CorsConfiguration" not in properties
        assert {resource["Type"] for resource in RESOURCES.values()}.isdisjoint(
            {"AWS::Serverless::HttpApi", "AWS::Serverless::Api"}
        )
        assert not [name for name, function in FUNCTIONS.items() if "Events" in function]
        routes = api("Route", tokens=False)
        assert {route["RouteKey"] for route in routes.values()} == {*FUNCTION_OF, RUNS}
        kinds = ("Route", "Integration", "Stage", "Authorizer")
        of_the_api = [p for kind in kinds for p in api(kind, tokens=True).values()]
        assert all(properties["ApiId"] == {"Ref": name} for properties in of_the_api)


class TestFunctions:
    @pytest.mark.parametrize("route", api("Route", tokens=False).values(), ids=lambda route: route["RouteKey"])
    def test_a_route_leads_to_its_function_within_the_gateways_time(self, route: dict[str, Any]) -> None:
        integration = target_of(route)
        assert integration["IntegrationType"] == "AWS_PROXY"
        if route["RouteKey"] == RUNS:
            return
        function = FUNCTION_OF[route["RouteKey"]]
        assert integration["IntegrationUri"] == {"Fn::GetAtt": [function, "Arn"]}
        assert integration["PayloadFormatVersion"] == "2.0"

    def test_each_function_with_a_route_answers_within_the_gateways_time_after_a_cold_start(self) -> None:
        integrations = (target_of(route) for route in api("Route", tokens=False).values())
        called = {at["IntegrationUri"]["Fn::GetAtt"][0] for at in integrations if "IntegrationUri" in at}
        assert called
        times = {name: FUNCTIONS[name]["Timeout"] for name in called}
        assert all(seconds + COLD_START_SECONDS <= GATEWAY_SECONDS for seconds in times.values()), times

    def test_a_function_may_be_called_for_its_own_route_only(self) -> None:
        permissions = [r["Properties"] for r in RESOURCES.values() if r["Type"] == "AWS::Lambda::Permission"]
        assert all(p["Action"] == "lambda:InvokeFunction" for p in permissions)
        assert all(p["Principal"] == "apigateway.amazonaws.com" for p in permissions)
        prefix = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${ArchiveApi}/*/"
        granted = {p["FunctionName"]["Ref"]: p["SourceArn"]["Fn::Sub"].removeprefix(prefix) for p in permissions}
        assert len(granted) == len(permissions)
        assert granted == {
            function: re.sub(r"\{\w+\}", "*", route).replace(" ", "") for route, function in FUNCTION_OF.items()
        }

    def test_fetching_over_http_may_start_an_export_and_the_workflows_own_fetch_may_not(self) -> None:
        over_http, within = (FUNCTIONS[name] for name in ("FetchFileOverHttpFunction", "FetchFileFunction"))
        start = allow("states:StartExecution", {"Ref": "ExportWorkflow"})
        executions = "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${ExportWorkflow.Name}"
        look = allow("states:DescribeExecution", {"Fn::Sub": f"{executions}:file-*"})
        told_and_linked = allow("s3:GetObject", [below("failures/*"), below("data/*")])
        assert [s for s in statements(over_http) if s not in statements(within)] == [start, look, told_and_linked]
        assert [s for s in statements(within) if s not in statements(over_http)] == []
        assert over_http["Handler"] == within["Handler"]
        own = {"EXPORT_WORKFLOW_ARN": {"Ref": "ExportWorkflow"}}
        assert over_http["Environment"]["Variables"] == within["Environment"]["Variables"] | own
        assert "FetchFileOverHttp" not in str(MACHINES)

    def test_no_other_role_starts_executions(self) -> None:
        starting = {name for name, f in FUNCTIONS.items() if "states:" in str(statements(f))}
        assert starting == {"FetchFileOverHttpFunction"}


class TestStartingARun:
    INTEGRATION: dict[str, Any] = target_of(
        next(route for route in api("Route", tokens=False).values() if route["RouteKey"] == RUNS)
    )

    def test_the_gateway_itself_starts_the_workflow_with_the_body_and_answers_202(self) -> None:
        assert self.INTEGRATION["IntegrationSubtype"] == "StepFunctions-StartExecution"
        assert self.INTEGRATION["PayloadFormatVersion"] == "1.0"
        workflow = {"StateMachineArn": {"Ref": "ArchiveWorkflow"}, "Input": "$request.body"}
        assert self.INTEGRATION["RequestParameters"] == workflow
        mapped = {"ResponseParameters": [{"Source": "202", "Destination": "overwrite:statuscode"}]}
        assert self.INTEGRATION["ResponseParameters"] == {"200": mapped}

    def test_the_gateway_may_start_that_workflow_and_do_nothing_else(self) -> None:
        assert self.INTEGRATION["CredentialsArn"] == {"Fn::GetAtt": ["StartArchiveRunRole", "Arn"]}
        role = RESOURCES["StartArchiveRunRole"]["Properties"]
        (policy,) = role["Policies"]
        assert policy["PolicyDocument"]["Statement"] == [allow("states:StartExecution", {"Ref": "ArchiveWorkflow"})]
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert (trust["Principal"], trust["Action"]) == ({"Service": "apigateway.amazonaws.com"}, "sts:AssumeRole")
        assert role.keys() == {"AssumeRolePolicyDocument", "PermissionsBoundary", "Policies"}


class TestStage:
    STAGE: dict[str, Any] = RESOURCES["ArchiveApiStage"]["Properties"]

    def test_calls_are_bounded_below_what_would_starve_the_workflows(self) -> None:
        settings = self.STAGE["DefaultRouteSettings"]
        longest = max(FUNCTIONS[name]["Timeout"] for name in FUNCTION_OF.values())
        assert 0 < settings["ThrottlingRateLimit"] * longest < 1000 / 4, "of the concurrency of an account"
        assert 0 < settings["ThrottlingBurstLimit"] <= 50
        assert (self.STAGE["StageName"], self.STAGE["AutoDeploy"]) == ("$default", True)
        assert "RouteSettings" not in self.STAGE

    @pytest.mark.parametrize("tokens", [True, False], ids=["tokens", "signatures"])
    def test_every_call_is_logged_and_no_caller_with_it(self, *, tokens: bool) -> None:
        text, words = render(self.STAGE["AccessLogSettings"]["Format"], tokens=tokens)["Fn::Sub"]
        condition, _, nobody = words["Caller"]["Fn::If"]
        assert (condition, TEMPLATE["Parameters"]["LogCallers"]["Default"]) == ("CallersAreLogged", "false")
        logged = json.loads(text.replace("${AuthorizerError}", words["AuthorizerError"]).replace("${Caller}", nobody))
        assert logged["requestId"] == "$context.requestId"
        assert logged["routeKey"] == "$context.routeKey"
        variables = re.findall(r"\$context\.([\w.]+)", " ".join(logged.values()))
        assert set(variables) <= IMPERSONAL
        assert ("$context.authorizer.error" in logged.values()) is tokens

    @pytest.mark.parametrize(
        ("tokens", "who"), [(True, "$context.authorizer.claims.sub"), (False, "$context.identity.userArn")]
    )
    def test_callers_are_logged_where_that_is_wanted(self, *, tokens: bool, who: str) -> None:
        text, words = render(self.STAGE["AccessLogSettings"]["Format"], tokens=tokens)["Fn::Sub"]
        added, names = words["Caller"]["Fn::If"][1]["Fn::Sub"]
        caller = added.replace("${Who}", names["Who"])
        logged = json.loads(text.replace("${AuthorizerError}", words["AuthorizerError"]).replace("${Caller}", caller))
        assert (logged["caller"], logged["sourceIp"]) == (who, "$context.identity.sourceIp")
        assert TEMPLATE["Conditions"]["CallersAreLogged"] == {"Fn::Equals": [{"Ref": "LogCallers"}, "true"]}

    def test_the_log_is_forgotten_after_a_while(self) -> None:
        assert self.STAGE["AccessLogSettings"]["DestinationArn"] == {"Fn::GetAtt": ["ArchiveApiLog", "Arn"]}
        assert RESOURCES["ArchiveApiLog"]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
