"""Gives HTTP APIs the routes of their OpenAPI body, which ministack's CloudFormation drops."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from local.engine.server import LocalEngine

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method"})
_FUNCTION = re.compile(r"\$\{(\w+)\.Arn\}/invocations")


def restore(engine: LocalEngine, template: Mapping[str, Any], resources: Mapping[str, str]) -> str | None:
    """Create the routes of every HTTP API in a processed template; give the base URL of the last."""
    url = None
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == "AWS::ApiGatewayV2::Api" and "Body" in resource.get("Properties", {}):
            api_id = resources[logical_id]
            for route, integration in _routes(resource["Properties"]["Body"]):
                _create(engine, api_id, route, integration, resources)
            # The path form needs no Host header and no name resolution.
            url = f"{engine.url}/_aws/execute-api/{api_id}/$default"
    return url


def _routes(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, operations in body.get("paths", {}).items():
        for method in _METHODS & operations.keys():
            integration = operations[method].get("x-amazon-apigateway-integration")
            if integration:
                yield _route_key(path, method), integration


def _route_key(path: str, method: str) -> str:
    if path == "/$default":
        return "$default"
    return f"{'ANY' if method == 'x-amazon-apigateway-any-method' else method.upper()} {path}"


def _create(
    engine: LocalEngine, api_id: str, route: str, integration: Mapping[str, Any], resources: Mapping[str, str]
) -> None:
    gateway = engine.client("apigatewayv2")
    created = gateway.create_integration(
        ApiId=api_id,
        IntegrationType=integration["type"].upper(),
        IntegrationUri=_function_arn(engine, integration["uri"], resources),
        PayloadFormatVersion=integration.get("payloadFormatVersion", "2.0"),
    )
    gateway.create_route(ApiId=api_id, RouteKey=route, Target=f"integrations/{created['IntegrationId']}")


def _function_arn(engine: LocalEngine, uri: object, resources: Mapping[str, str]) -> str:
    """The ARN of the function an integration names by ``${LogicalId.Arn}``."""
    function = _FUNCTION.search(json.dumps(uri))
    if not function:
        raise ValueError(f"only Lambda integrations are known here, not {uri!r}")
    configuration = engine.client("lambda").get_function_configuration(FunctionName=resources[function[1]])
    return configuration["FunctionArn"]
