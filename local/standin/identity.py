"""The thin end of the identity service: project ids and tokens."""

import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from local.standin.clock import Clock
from local.standin.messages import Answer, Call, json_answer
from local.standin.refusals import IdentityRefusalError, stale_token
from local.standin.validation import json_object

_TOKEN_BYTES = 1024
"""Real tokens are kilobytes long; a short one would hide a buffer that is too small."""


@dataclass
class TokenDesk:
    """Hands out tokens for passwords; a new token does not void the old ones."""

    users: Mapping[str, str] = field(repr=False)
    domain: str
    project_id: str
    region: str
    lifetime: timedelta
    clock: Clock
    further_project_ids: Collection[str] = ()
    _expiries: dict[str, datetime] = field(default_factory=dict, repr=False)

    def issue(self, call: Call) -> Answer:
        """Answer 201 with the token in a header, as the vendor does, never in the body."""
        project_id = self._checked_login(json_object(call.body))
        token, now = secrets.token_hex(_TOKEN_BYTES), self.clock()
        self._expiries[token] = now + self.lifetime
        content = {
            "methods": ["password"],
            "issued_at": _stamp(now),
            "expires_at": _stamp(now + self.lifetime),
            "project": {"id": project_id, "name": self.region},
        }
        return json_answer({"token": content}, status=201, headers={"X-Subject-Token": token})

    def check(self, token: str) -> None:
        """Refuse a token that is unknown or past its time."""
        expiry = self._expiries.get(token)
        if expiry is None or self.clock() >= expiry:
            raise stale_token()

    def revoke(self, token: str) -> None:
        """Take a token back before its time."""
        self._expiries.pop(token, None)

    def _checked_login(self, content: dict[str, object]) -> str:
        """Answer the project that a token is wanted for."""
        match content.get("auth"):
            case {
                "identity": {
                    "methods": ["password"],
                    "password": {"user": {"name": str(name), "password": str(password), "domain": {"name": domain}}},
                },
                "scope": {"project": dict(project)},
            } if project_id := self._project(project):
                expected = self.users.get(name)
            case _:
                raise IdentityRefusalError(400, "Bad Request", "the body is not a password login to a known project")
        if expected is None or domain != self.domain or not _same(password, expected):
            raise IdentityRefusalError(401, "Unauthorized", "The username or password is wrong.")
        return project_id

    def _project(self, scope: Mapping[str, object]) -> str | None:
        if scope == {"name": self.region}:
            return self.project_id
        known = {self.project_id, *self.further_project_ids}
        return next((project_id for project_id in known if scope == {"id": project_id}), None)


def list_projects(region: object, *, project_id: str, project_name: str) -> Answer:
    """Answer the project of that name; without a name, all of them."""
    known = [{"id": project_id, "name": project_name, "enabled": True}]
    return json_answer({"projects": [project for project in known if region in (None, project["name"])]})


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
