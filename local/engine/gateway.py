"""Brings ministack's HTTP APIs closer to the real ones: they start executions themselves, and map what is answered."""

import importlib
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from local.engine.patches import Replacements

_STATUS = "overwrite:statuscode"
_START_EXECUTION = "StepFunctions-StartExecution"
_TAKEN_FROM_THE_REQUEST = ("$request.body", "$request.header.", "$request.querystring.", "$request.path.")

Answer = tuple[int, dict[str, Any], bytes]
Invoke = Callable[..., Awaitable[Answer]]


def replacements() -> Replacements:
    """Return the replacements in ministack, for ``patches.applied``."""
    return {
        "services.apigateway:_invoke_lambda_proxy": _with_executions,
        "services.cloudformation.provisioners:_apigw_v2_integration_props": _keeping_what_it_integrates,
    }


def _keeping_what_it_integrates(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Ministack's CloudFormation drops the service an integration calls, and leaves mappings as a template has them."""

    def properties_of(properties: Mapping[str, Any]) -> dict[str, Any]:
        subtype, request = properties.get("IntegrationSubtype"), properties.get("RequestParameters", {})
        responses = {
            status: {mapping["Destination"]: mapping["Source"] for mapping in mapped["ResponseParameters"]}
            for status, mapped in properties.get("ResponseParameters", {}).items()
        }
        _refuse_unknown(subtype, request, responses)
        return original(properties) | {
            "integrationSubtype": subtype,
            "credentialsArn": properties.get("CredentialsArn"),
            "responseParameters": responses,
        }

    return properties_of


def _refuse_unknown(
    subtype: str | None, request: Mapping[str, str], responses: Mapping[str, Mapping[str, str]]
) -> None:
    """What would be ignored here and is not on AWS.

    Raises:
        ValueError: there is some; the stack fails with it.
    """
    if subtype not in {None, _START_EXECUTION}:
        raise ValueError(f"only {_START_EXECUTION} is known here, not {subtype}")
    if unknown := [
        value for value in request.values() if value[:1] == "$" and not value.startswith(_TAKEN_FROM_THE_REQUEST)
    ]:
        raise ValueError(f"only the request itself is known here, not {unknown}")
    if unknown := [name for mapping in responses.values() for name in mapping if name != _STATUS]:
        raise ValueError(f"only {_STATUS} is known here, not {unknown}")


def _with_executions(original: Invoke) -> Invoke:
    """Ministack takes every AWS_PROXY integration for a function's, and answers with its status, mapped or not."""

    async def invoke(integration: Mapping[str, Any], *request: Any, **more: object) -> Answer:  # noqa: ANN401
        if integration.get("integrationSubtype") == _START_EXECUTION:
            *_, headers, body, query, _route_key, path_parameters = request
            status, headers, body = _started(integration, headers, body, query, path_parameters or {})
        else:
            status, headers, body = await original(integration, *request, **more)
        mapped = integration.get("responseParameters", {}).get(str(status), {})
        return int(mapped.get(_STATUS, status)), headers, body

    return invoke


def _started(
    integration: Mapping[str, Any],
    headers: Mapping[str, str],
    body: bytes,
    query: Mapping[str, Any],
    path_parameters: Mapping[str, str],
) -> Answer:
    """Step Functions' own answer to StartExecution, a refusal too."""
    gateway: Any = importlib.import_module("ministack.services.apigateway")

    def value_of(source: str) -> str | None:
        if source == "$request.body":
            return body.decode(errors="replace") or None
        value: str | None = gateway._resolve_mapping_value(  # noqa: SLF001
            source,
            request_headers=headers,
            request_query=query,
            path_params=path_parameters,
            context_vars={},
            stage_vars={},
        )
        return value

    parameters = {}
    for name, source in integration["requestParameters"].items():
        value = value_of(source)
        if value is None:
            return _unresolved(name, source)
        parameters[name[0].lower() + name[1:]] = value
    return _start_execution(parameters)


def _start_execution(parameters: Mapping[str, str]) -> Answer:
    try:
        json.loads(parameters["input"])
    except ValueError as error:
        return _refusal("InvalidExecutionInput", f"Invalid State Machine Execution Input: '{error}'")
    steps: Any = importlib.import_module("ministack.services.stepfunctions")
    status, headers, content = steps._start_execution(parameters)  # noqa: SLF001
    answer = json.loads(content)
    if "startDate" in answer:
        # Ministack writes ISO 8601 where AWS's protocol has seconds.
        answer["startDate"] = datetime.fromisoformat(answer["startDate"]).timestamp()
    return status, headers, json.dumps(answer).encode()


def _unresolved(name: str, source: str) -> Answer:
    content = json.dumps({"message": f"Unable to resolve property {name} from source {source}."}).encode()
    return HTTPStatus.BAD_REQUEST, {"Content-Type": "application/json"}, content


def _refusal(name: str, message: str) -> Answer:
    content = json.dumps({"__type": name, "message": message}).encode()
    return HTTPStatus.BAD_REQUEST, {"Content-Type": "application/x-amz-json-1.0"}, content
