"""fetch-file: bring a finished export's file into the archive."""

from datetime import timedelta
from http import HTTPStatus

from functions.fetch_file.fetching import fetch_file
from functions.fetch_file.handover import TooMuch, hand_over, require_fitting
from functions.fetch_file.settings import FetchFileSettings
from workspace_exports.client.download import KEPT_BACK_SECONDS
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import BadFile, FileExpired, Rejected, TaskFailed, TaskLost, Transient
from workspace_exports.events import ArchivedExport, DownloadableExport, HandedOverExport, ObservedExport
from workspace_exports.runtime import HttpAnswer, HttpCall, Route, as_json, entrypoint, recall, retry_after

LINK_LIFETIME = timedelta(minutes=5)
"""Of a link to a file: long enough to follow it, and of no use to whoever finds it later."""


def fetch_or_hand_over(
    export: ObservedExport, settings: FetchFileSettings, deadline: Deadline
) -> ArchivedExport | HandedOverExport:
    """What `fetch_file` does, if there is time for it or nobody else to do it; else the workflow is started for it."""
    if settings.export_workflow_arn is None:
        return fetch_file(export, settings, deadline)
    try:
        return fetch_file(export, settings, deadline, require_fitting)
    except TooMuch:
        return hand_over(export, settings.export_workflow_arn, settings.open_archive())
    except Transient:
        if deadline.remaining_seconds() > KEPT_BACK_SECONDS:
            raise
        return hand_over(export, settings.export_workflow_arn, settings.open_archive())


def _answer(export: ArchivedExport | HandedOverExport, _: HttpCall, settings: FetchFileSettings) -> HttpAnswer:
    if isinstance(export, HandedOverExport):
        return as_json(export, HTTPStatus.ACCEPTED, retry_after(export) | {"Location": f"/exports/{export.task_id}"})
    key = export.archived.key
    link = settings.open_archive().link(key, LINK_LIFETIME) if key else None
    return as_json(DownloadableExport(**export.model_dump(), download_url=link))


ROUTE = Route(
    "POST",
    "/exports/{task_id}/file",
    "Bring an export's file into the archive",
    recall,
    _answer,
    takes=None,
    gives={HTTPStatus.OK: DownloadableExport, HTTPStatus.ACCEPTED: HandedOverExport},
    raises=(Rejected, TaskFailed, TaskLost, FileExpired, BadFile),
    too_early="The vendor is still making the file.",
)
handler = entrypoint(fetch_or_hand_over, ObservedExport, FetchFileSettings, ROUTE)
