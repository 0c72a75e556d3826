"""Identity service of the vendor: projects by name, tokens for passwords."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx

from workspace_exports.client.answers import Answer, FoundT, read_answer
from workspace_exports.client.credentials import Login
from workspace_exports.client.signing import encode_query
from workspace_exports.network.connection_errors import no_answer

_WHO = "the vendor's identity service"
_TIMEOUT = httpx.Timeout(8.0)


@dataclass(frozen=True, slots=True)
class Token:
    """Token for one project, good until `expires_at` by the vendor's clock."""

    value: str = field(repr=False)
    expires_at: datetime
    project_id: str


class Iam:
    """Identity service of one region. Its methods raise only the errors of `workspace_exports.core.errors`."""

    def __init__(self, http: httpx.Client, endpoint: str, region: str) -> None:
        self._http = http
        self._endpoint = endpoint
        self._region = region

    def projects(self) -> list[str]:
        """Return the ids of the projects named like the region: one, in all documented cases.

        The client's auth signs the request.
        """
        url = f"{self._endpoint}/v3/projects?{encode_query([('name', self._region)])}"
        request = self._http.build_request("GET", url, timeout=_TIMEOUT)
        return self._asked(request, "look up the project", self._http.auth, _project_ids, "holds no projects")

    def issue_token(self, login: Login, project_id: str | None) -> Token:
        """Return a token for that project, or for the one named like the region if its id is not known."""
        request = self._http.build_request(
            "POST",
            f"{self._endpoint}/v3/auth/tokens?nocatalog=true",
            headers={"Content-Type": "application/json"},
            content=json.dumps(_password_login(login, {"id": project_id} if project_id else {"name": self._region})),
            timeout=_TIMEOUT,
        )
        return self._asked(request, "sign in", None, _token, "holds no token")

    def _asked(
        self,
        request: httpx.Request,
        doing: str,
        auth: httpx.Auth | None,
        find: Callable[[Answer], FoundT | None],
        lacks: str,
    ) -> FoundT:
        try:
            response = self._http.send(request, auth=auth)
        except httpx.RequestError as error:
            raise no_answer(error, doing, _WHO, "WORKSPACE_REGION and IAM_ENDPOINT") from error
        return read_answer(Answer(response.status_code, response.headers, response.content), doing, find, lacks)


def _password_login(login: Login, project: dict[str, str]) -> dict[str, object]:
    user = {"name": login.user_name, "password": login.password, "domain": {"name": login.domain_name}}
    return {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": project},
        }
    }


def _project_ids(answer: Answer) -> list[str] | None:
    try:
        return [_text(project["id"]) for project in answer.document["projects"]]
    except (KeyError, TypeError, ValueError):
        return None


def _token(answer: Answer) -> Token | None:
    try:
        token = answer.document["token"]
        expires_at = datetime.fromisoformat(token["expires_at"]).astimezone(UTC)
        value = answer.headers["X-Subject-Token"].encode("ascii").decode()
        return Token(value, expires_at, _text(token["project"]["id"]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _text(value: object) -> str:
    """Return the value if it is a text.

    Raises:
        TypeError: the value is something else.
    """
    if not isinstance(value, str):
        raise TypeError
    return value
