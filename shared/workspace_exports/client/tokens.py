"""Tokens for a user with a password, kept until shortly before they expire."""

from collections.abc import Callable
from datetime import datetime, timedelta

from workspace_exports.client.credentials import Login
from workspace_exports.client.iam import Iam, Token
from workspace_exports.core.clock import utc_now

_MARGIN = timedelta(minutes=5)


class Tokens:
    """Tokens of one project, one at a time."""

    def __init__(self, iam: Iam, project_id: str | None, now: Callable[[], datetime] = utc_now) -> None:
        self._iam = iam
        self._project_id = project_id
        self._now = now
        self._held: tuple[Login, Token] | None = None

    def token(self, login: Login) -> Token:
        """Return the held token if it is of that user and password and still valid, else a new one."""
        if self._held and self._held[0] == login and self._now() + _MARGIN < self._held[1].expires_at:
            return self._held[1]
        token = self._iam.issue_token(login, self._project_id)
        self._held = login, token
        return token

    def discard(self) -> None:
        """Forget the held token, which the vendor may refuse even before its date of expiry."""
        self._held = None
