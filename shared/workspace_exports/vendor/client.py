"""The client module the handlers share: the vendor's operations, over httpx."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import httpx

from workspace_exports.errors import ExportError, FileExpired, TaskLost, UnexpectedAnswer, VendorUnavailable
from workspace_exports.exports import Export
from workspace_exports.vendor.answers import error_of
from workspace_exports.vendor.connections import connection
from workspace_exports.vendor.download import Download
from workspace_exports.vendor.sign_in import SignIn
from workspace_exports.vendor.signing import encode_query
from workspace_exports.vendor.tasks import ExportTask, read_task

_LONGEST_ERROR_BYTES = 64 * 1024


class WorkspaceClient:
    """One project of one region. Methods raise the errors of `workspace_exports.errors` and nothing else.

    Nothing is repeated here: whether a call may be made again is the caller's to know.
    """

    def __init__(self, http: httpx.Client, project_id: str) -> None:
        self._http = http
        self._project_id = project_id

    @property
    def project_id(self) -> str:
        """The project, as given or as looked up."""
        return self._project_id

    def create_export(self, export: Export, parameters: dict[str, object]) -> str:
        """Orders an export and returns its task id. Called twice, it orders twice, GET or not."""
        path = export.path.format(project_id=self._project_id)
        if export.method == "GET":
            request = self._request("GET", path, query={name: str(value) for name, value in parameters.items()})
        else:
            request = self._request("POST", path, body=json.dumps(parameters), content_type=export.content_type)
        task_id = self._answer(request, "order the export").get("task_id")
        if not isinstance(task_id, str) or not task_id:
            raise UnexpectedAnswer("The vendor accepted the export and named no task")
        return task_id

    def find_task(self, task_id: str) -> ExportTask | None:
        """The task as the list shows it, or None.

        Downloaded tasks are in a list of their own (`is_download` is documented to default to false), and whether
        the filter by id is exact is not documented: both lists are asked, and the id is matched here.
        """
        for is_download in ("false", "true"):
            query = {"task_id": task_id, "is_download": is_download}
            request = self._request("GET", f"/v2/{self._project_id}/export-tasks", query=query)
            answer = self._answer(request, "look at the task")
            items = answer.get("export_tasks")
            if not isinstance(items, list):
                raise UnexpectedAnswer("The vendor's task list holds no export_tasks")
            ours = [item for item in items if isinstance(item, dict) and item.get("task_id") == task_id]
            if ours:
                return read_task(ours[0])
        return None

    @contextmanager
    def open_file(self, task_id: str) -> Iterator[Download]:
        """The file of a finished task, as a stream of its bytes on the wire."""
        request = self._request("GET", f"/v2/{self._project_id}/export-tasks/{task_id}/download")
        request.headers["Accept-Encoding"] = "identity"
        try:
            response = self._http.send(request, stream=True)
        except httpx.TransportError as error:
            raise _unavailable("download the file", error) from error
        try:
            if response.status_code != HTTPStatus.OK:
                raise _download_error(response)
            yield Download(response)
        finally:
            response.close()

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: str | None = None,
        content_type: str = "application/json",
    ) -> httpx.Request:
        target = f"{path}?{encode_query(query.items())}" if query else path
        headers = {"Content-Type": content_type, "X-Project-Id": self._project_id}
        return self._http.build_request(method, target, headers=headers, content=body)

    def _answer(self, request: httpx.Request, doing: str) -> dict[str, object]:
        try:
            response = self._http.send(request)
        except httpx.TransportError as error:
            raise _unavailable(doing, error) from error
        if not response.is_success:
            raise error_of(response.status_code, response.headers, response.content, doing)
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise UnexpectedAnswer(f"Could not {doing}: the vendor's answer is not a JSON object")
        return answer


def connect(sign_in: SignIn) -> WorkspaceClient:
    """A client for one project, over connections that outlive the invocation."""
    connected = connection(sign_in)
    return WorkspaceClient(connected.http, connected.project_id)


def _unavailable(doing: str, error: httpx.TransportError) -> VendorUnavailable:
    return VendorUnavailable(f"Could not {doing}: no answer from the vendor ({type(error).__name__})")


def _download_error(response: httpx.Response) -> ExportError:
    """Neither the status nor the code for a task or file that is gone is documented: the words decide."""
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) >= _LONGEST_ERROR_BYTES:
            break
    error = error_of(response.status_code, response.headers, bytes(body), "download the file")
    facts = {
        "vendor_code": error.vendor_code,
        "vendor_reason": error.vendor_reason,
        "vendor_request_id": error.vendor_request_id,
    }
    if response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and "expire" in (error.vendor_reason or "").lower():
        return FileExpired("The file is gone from the vendor", **facts)
    if response.status_code == HTTPStatus.NOT_FOUND:
        return TaskLost("The vendor has no file for the task", **facts)
    return error
