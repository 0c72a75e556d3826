"""Calls of the handlers over HTTP, as the API passes them on."""

import json
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.fetch_file import app as fetch_file
from functions.poll_status import app as poll_status
from functions.start_export import app as start_export
from tests.support.builders.http_events import http_event
from tests.support.lambda_context import CONTEXT

Told = dict[str, Any]


def order(**request: Any) -> Told:
    return start_export.handler(http_event("POST", "/exports", json.dumps(request)), CONTEXT)


def look(task_id: str) -> Told:
    return poll_status.handler(http_event("GET", f"/exports/{task_id}"), CONTEXT)


def fetch_it(task_id: str, context: LambdaContext = CONTEXT) -> Told:
    return fetch_file.handler(http_event("POST", f"/exports/{task_id}/file"), context)


def told(answer: Told) -> tuple[int, dict[str, Any]]:
    return answer["statusCode"], json.loads(answer["body"])
