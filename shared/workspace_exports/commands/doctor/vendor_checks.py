"""Checks on the way to the vendor: settings, endpoint, clock, credentials."""

from http import HTTPStatus

import httpx

from workspace_exports.client.credentials.cache import credential_cache
from workspace_exports.client.credentials.providers import (
    CredentialProvider,
    EnvironmentProvider,
    ProfileProvider,
    SecretProvider,
)
from workspace_exports.client.regions import iam_endpoint
from workspace_exports.client.requests import RequestSender
from workspace_exports.client.retry import RetryPolicy, http_date
from workspace_exports.client.skew import clock_skew, describe_skew
from workspace_exports.client.task_list import TaskList
from workspace_exports.commands.doctor.check_results import CheckResult, failed, ok, unknown
from workspace_exports.commands.doctor.network_path import host_of, obstacle
from workspace_exports.commands.doctor.situation import Situation
from workspace_exports.core.deadline import Deadline
from workspace_exports.core.errors import ExportError, Unauthorized, VendorUnavailable
from workspace_exports.exports.actions import LIST_TASKS
from workspace_exports.network.connection_errors import ConnectionFailure
from workspace_exports.network.http_client import open_client
from workspace_exports.runtime.settings.vendor import VendorSettings

_SECONDS = 30.0
_ONCE = RetryPolicy(attempts=1)
_GRANT = f"Grant the user {LIST_TASKS} on this project, and check that the project is the right one."
_PLACES: dict[type[CredentialProvider], str] = {
    EnvironmentProvider: "environment",
    SecretProvider: "AWS secret",
    ProfileProvider: "profile file",
}


def check_settings(situation: Situation) -> CheckResult:
    """Check that all settings can be read, and that there are credentials; only the vendor knows if they are valid."""
    try:
        settings = situation.settings
        endpoint = settings.endpoint
        open_client(endpoint).close()
    except ExportError as error:
        return failed(error.what, _unless_ours(error, "Set what is named here; docs/settings.md lists every variable."))
    try:
        credential_cache(settings.source).current()
    except ExportError as error:
        return failed(
            error.what, _unless_ours(error, "Give credentials in one of the ways that docs/credentials.md shows.")
        )
    return ok(f"{settings.region}, {host_of(endpoint)}, credentials from the {_place(settings.source)}")


def check_endpoint(situation: Situation) -> CheckResult:
    """Check that the endpoint answers over HTTP; the answer itself means nothing without credentials."""
    endpoint = situation.settings.endpoint
    try:
        answer = situation.answer
    except httpx.RequestError as error:
        found = obstacle(ConnectionFailure.of(error))
        return failed(found.said, found.remedy)
    return ok(f"{host_of(endpoint)} answers ({answer.status})")


def check_clock(situation: Situation) -> CheckResult:
    """Compare the clocks: a signature holds the time here, and the vendor refuses one that is too far from its own."""
    answer = situation.answer
    if http_date(answer.date or "") is None:
        return unknown("the endpoint's answer has no date to compare the clock here with")
    skew = clock_skew(answer.date, answer.received_at)
    if skew is None:
        return ok("within 5 minutes of the vendor's")
    return failed(
        describe_skew(skew),
        "Set the clock here right, best by NTP: a signature more than 15 minutes off is refused whatever the key.",
    )


def check_credentials(situation: Situation) -> CheckResult:
    """Read the task list once and never again: after a few refusals the vendor locks a key.

    The project's id comes first, as it does for the functions: given, beside the credentials, or looked up.
    """
    try:
        project_id = situation.connection.project_id
    except ExportError as error:
        return failed(_words(error), _project_remedy(error, situation))
    try:
        TaskList(RequestSender(situation.connection.http, project_id, Deadline.after(_SECONDS), _ONCE)).newest()
    except ExportError as error:
        return failed(_words(error), _remedy(error, situation))
    return ok(f"accepted, project {project_id} ({_origin(situation.settings)})")


def _origin(settings: VendorSettings) -> str:
    """Return the place that names the project; the order is a connection's."""
    if settings.default_project_id:
        return "HUAWEICLOUD_SDK_PROJECT_ID"
    return "beside the credentials" if credential_cache(settings.source).current().project_id else "looked up"


def _project_remedy(error: ExportError, situation: Situation) -> str:
    if isinstance(error, Unauthorized) and error.vendor_status == HTTPStatus.FORBIDDEN:
        return "Set HUAWEICLOUD_SDK_PROJECT_ID to the project's id, or let the user list projects."
    if isinstance(error, VendorUnavailable) and error.vendor_status is None:
        settings = situation.settings
        host = host_of(settings.iam_endpoint or iam_endpoint(settings.region))
        return (
            f"Let this machine reach {host}, or set IAM_ENDPOINT. With HUAWEICLOUD_SDK_PROJECT_ID set to the project's "
            "id, an access key needs no look-up."
        )
    return _remedy(error, situation)


def _remedy(error: ExportError, situation: Situation) -> str:
    """Return the remedy: 401 is about the key, 403 about its permissions, unless the error itself has an advice."""
    if not isinstance(error, Unauthorized) or error.next_step != Unauthorized.advice:
        return _remedy_of_code(error)
    if error.vendor_status == HTTPStatus.UNAUTHORIZED:
        return (
            f"Check key and secret, or user and password, in the {_place(situation.settings.source)}, and try again "
            "only then: after more than five refusals in a row the vendor locks a key for five minutes."
        )
    return _GRANT


def _remedy_of_code(error: ExportError) -> str:
    """Return the permission that the gateway's 0302 means here, or the error's own advice."""
    return _GRANT if (error.vendor_code or "").endswith(".0302") else error.next_step


def _unless_ours(error: ExportError, otherwise: str) -> str:
    """Return the error's own advice, unless it is its class's, which is written for a function on Lambda."""
    return otherwise if error.next_step == type(error).advice else error.next_step


def _words(error: ExportError) -> str:
    said = ": ".join(word for word in (error.vendor_code, error.vendor_reason) if word)
    return f"{error.what} ({said})" if said else error.what


def _place(source: CredentialProvider) -> str:
    return _PLACES[type(source)]
