"""poll-status: check the status of an ordered export once."""

from http import HTTPStatus

from workspace_exports.core.errors import DeadlineExceeded, Rejected, TaskLost
from workspace_exports.events import ObservedExport
from workspace_exports.lifecycle.poll import poll_status
from workspace_exports.runtime import HttpAnswer, HttpCall, Route, as_json, entrypoint, load_export, retry_after
from workspace_exports.runtime.settings.polling_times import PollingSettings
from workspace_exports.runtime.settings.projects import TargetSettings


class PollStatusSettings(TargetSettings, PollingSettings):
    """Settings of poll-status."""


def _answer(export: ObservedExport, _: HttpCall, __: PollStatusSettings) -> HttpAnswer:
    return as_json(export, headers=retry_after(export))


ROUTE = Route(
    "GET",
    "/exports/{task_id}",
    "Get the status of an ordered export",
    load_export,
    _answer,
    takes=None,
    gives={HTTPStatus.OK: ObservedExport},
    raises=(Rejected, TaskLost, DeadlineExceeded),
)
handler = entrypoint(poll_status, ObservedExport, PollStatusSettings, ROUTE)
