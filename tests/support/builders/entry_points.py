"""A handler with a small use case: it gives back what it gets, or raises an error."""

from http import HTTPStatus
from typing import Any

from tests.support.checks.leaks import FILTER_CANARY
from workspace_exports.core.deadline import Deadline
from workspace_exports.events import ExportRequest
from workspace_exports.runtime import Handler, Route, as_json, entrypoint, from_body
from workspace_exports.runtime.settings.base import Settings

ROUTE = Route(
    "POST",
    "/exports",
    "Give back what was sent",
    from_body(ExportRequest),
    lambda result, _, __: as_json(result, HTTPStatus.ACCEPTED, {"Location": f"/exports/{result.kind}"}),
    takes=ExportRequest,
    gives={HTTPStatus.ACCEPTED: ExportRequest},
)
REQUEST = {"kind": "connection-records", "day": "2026-11-20", "filters": {"user_name": FILTER_CANARY}}


def echo(request: ExportRequest, settings: Settings, deadline: Deadline) -> ExportRequest:
    assert isinstance(settings, Settings)
    return request


def serving(use_case: Any = echo) -> Handler:
    return entrypoint(use_case, ExportRequest, Settings, ROUTE)


def failing(error: Exception) -> Handler:
    def use_case(request: ExportRequest, settings: Settings, deadline: Deadline) -> ExportRequest:
        raise error

    return serving(use_case)
