"""Replaces parts of ministack by closer likenesses of AWS, and refuses a ministack it does not know.

Every part replaced, or relied upon by a replacement, is listed with a digest of its source. After an upgrade: read the
new source, adapt or drop the patch, and write down the digest from the error.
"""

import hashlib
import importlib
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

# "module:attribute" -> what takes the attribute's place, made from the original.
Replacements = Mapping[str, Callable[[Any], Any]]

_KNOWN = {
    "core.iam_evaluator:_validate_session_token": "6554b0dde2fa",
    "core.lambda_runtime:ProvidedWorker._build_handler_class": "806d5b8e5060",
    "core.lambda_runtime:ProvidedWorker._pump_output": "0ee89e67e926",
    "core.lambda_runtime:acquire_worker": "5017d144adb5",
    "services.apigateway:_handle_execute_in_scope": "aa60b8b0dfaa",
    "services.apigateway:_invoke_lambda_proxy": "fbe5024fcd36",
    "services.apigateway:_resolve_mapping_atom": "0688bcbc2ddc",
    "services.apigateway:_resolve_mapping_value": "f8a631dfd068",
    "services.apigateway:_validate_jwt_authorizer": "b29aa12ec1dc",
    "services.cloudformation.provisioners:_apigw_v2_authorizer_create": "011125c50072",
    "services.cloudformation.provisioners:_apigw_v2_integration_create": "2708c423f419",
    "services.cloudformation.provisioners:_apigw_v2_integration_props": "d1635361889b",
    "services.cloudformation.provisioners:_apigw_v2_route_props": "1c634f3bc87c",
    "services.cloudformation.provisioners:_cw_metric_alarm_record": "4565fcede1eb",
    "services.eventbridge:_put_events": "ebcda0f38061",
    "services.lambda_svc:_ensure_reaper_thread": "f23187e12285",
    "services.lambda_svc:_provided_runtime_code_dir": "85d4402ed282",
    "services.lambda_svc:_provided_worker_env": "8cccaed6a6d8",
    "services.lambda_svc:lambda_execute_result_to_api_proxy_response": "36f0ed215e85",
    "services.sns:_parse_message_attributes": "f7375898bba8",
    "services.stepfunctions:_add_event": "b1db143ccd21",
    "services.stepfunctions:_apply_result_selector": "2c9e674e99b4",
    "services.stepfunctions:_error_matches": "519b9dc729c5",
    "services.stepfunctions:_execute_task": "53c818d247db",
    "services.stepfunctions:_find_matching_retrier": "cb494ae8503c",
    "services.stepfunctions:_invoke_events_put_events": "92d6ffabce62",
    "services.stepfunctions:_invoke_nested_start_execution_sync": "d9f13c4aabed",
    "services.stepfunctions:_invoke_sns_publish": "81ac6228bc14",
    "services.stepfunctions:_nested_execution_failure": "aa53a760707b",
    "services.stepfunctions:_nested_start_execution_request": "7882a755af3e",
    "services.stepfunctions:_read_map_items": "b846851544b8",
    "services.stepfunctions:_resolve_params_obj": "d41c2e27dd1b",
    "services.stepfunctions:_run_distributed_map": "2b77d3ec0e04",
    "services.stepfunctions:_run_execution": "996dff84e0e0",
    "services.stepfunctions:_run_sub_machine": "f8d844168b14",
    "services.stepfunctions:_scaled_sleep": "5ed19df2efa9",
    "services.stepfunctions:_start_execution": "9923282fc76c",
    "services.stepfunctions:_start_sync_execution": "8600470a0208",
    "services.stepfunctions:_with_retry_and_catch": "b351699db7b3",
}


class UnknownMinistackError(RuntimeError):
    """The installed ministack is not the one these patches were written for."""


@contextmanager
def applied(*replacements: Replacements) -> Iterator[None]:
    """Check ministack against what is known of it, and replace parts of it until the block ends."""
    refuse_unknown(_KNOWN)
    with ExitStack() as stack:
        for target, replace in (item for group in replacements for item in group.items()):
            owner, name = _locate(target)
            stack.enter_context(patch.object(owner, name, replace(getattr(owner, name))))
        yield


def refuse_unknown(known: Mapping[str, str]) -> None:
    """Compare the parts listed with the ministack installed.

    Raises:
        UnknownMinistackError: Some differ; the message gives their digests.
    """
    changed = sorted({target: _digest(target) for target in known}.items() - known.items())
    if changed:
        raise UnknownMinistackError(f"the source of these parts is not the one patched here: {changed}")


def _digest(target: str) -> str:
    owner, name = _locate(target)
    source = inspect.getsource(getattr(owner, name))
    return hashlib.sha256(source.encode()).hexdigest()[:12]


def _locate(target: str) -> tuple[Any, str]:
    """The object holding an attribute, and the attribute's name."""
    module, _, path = target.partition(":")
    *outer, name = path.split(".")
    owner: Any = importlib.import_module(f"ministack.{module}")
    for part in outer:
        owner = getattr(owner, part)
    return owner, name
