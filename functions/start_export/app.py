"""start-export: order one export from the vendor, or adopt an earlier order of it."""

from http import HTTPStatus

from workspace_exports.core.errors import Rejected
from workspace_exports.events import OrderedExport, StartRequest
from workspace_exports.lifecycle.order import start_export
from workspace_exports.runtime import HttpAnswer, HttpCall, Route, as_json, entrypoint, from_body, retry_after
from workspace_exports.runtime.settings.polling_times import PollingSettings
from workspace_exports.runtime.settings.projects import TargetSettings


class StartExportSettings(TargetSettings, PollingSettings):
    """Settings of start-export."""


def _answer(ordered: OrderedExport, _: HttpCall, __: StartExportSettings) -> HttpAnswer:
    return as_json(ordered, HTTPStatus.ACCEPTED, retry_after(ordered) | {"Location": f"/exports/{ordered.task_id}"})


ROUTE = Route(
    "POST",
    "/exports",
    "Order an export",
    from_body(StartRequest),
    _answer,
    takes=StartRequest,
    gives={HTTPStatus.ACCEPTED: OrderedExport},
    raises=(Rejected,),
)
handler = entrypoint(start_export, StartRequest, StartExportSettings, ROUTE)
