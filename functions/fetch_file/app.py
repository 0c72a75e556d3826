"""fetch-file: download a finished export's file into the archive."""

from datetime import timedelta
from http import HTTPStatus

from workspace_exports.core.errors import BadFile, FileExpired, Rejected, TaskFailed, TaskLost
from workspace_exports.events import ArchivedExport, DelegatedExport, DownloadableExport, ObservedExport
from workspace_exports.lifecycle.delegate import fetch_or_delegate
from workspace_exports.runtime import HttpAnswer, HttpCall, Route, as_json, entrypoint, load_export, retry_after
from workspace_exports.runtime.settings.landing_limits import DelegationSettings, LandingSettings
from workspace_exports.runtime.settings.polling_times import PollingSettings
from workspace_exports.runtime.settings.projects import TargetSettings

LINK_LIFETIME = timedelta(minutes=5)
"""Lifetime of a download link: long enough to follow it, too short for a later reader of a log."""


class FetchFileSettings(TargetSettings, LandingSettings, DelegationSettings, PollingSettings):
    """Settings of fetch-file; over HTTP, a workflow fetches the files that one call has no time for."""


def _answer(export: ArchivedExport | DelegatedExport, _: HttpCall, settings: FetchFileSettings) -> HttpAnswer:
    if isinstance(export, DelegatedExport):
        return as_json(export, HTTPStatus.ACCEPTED, retry_after(export) | {"Location": f"/exports/{export.task_id}"})
    key = export.archived.key
    link = settings.open_archive().link(key, LINK_LIFETIME) if key else None
    return as_json(DownloadableExport(**export.model_dump(), download_url=link))


ROUTE = Route(
    "POST",
    "/exports/{task_id}/file",
    "Archive an export's file",
    load_export,
    _answer,
    takes=None,
    gives={HTTPStatus.OK: DownloadableExport, HTTPStatus.ACCEPTED: DelegatedExport},
    raises=(Rejected, TaskFailed, TaskLost, FileExpired, BadFile),
    too_early="The vendor is still making the file.",
)
handler = entrypoint(fetch_or_delegate, ObservedExport, FetchFileSettings, ROUTE)
