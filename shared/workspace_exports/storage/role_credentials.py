"""The role's key for storage, where Lambda hands it out instead of setting it: with SnapStart, for one."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import ExportError

if TYPE_CHECKING:
    from obstore.store import S3Credential

_MARGIN = timedelta(minutes=5)
_UNDATED = timedelta(minutes=5)


class RoleCredentials:
    """What obstore asks for a key, and again once the last one has run out.

    Attributes:
        failure: why there was none the last time; obstore tells it only as part of a text.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.failure: ExportError | None = None
        self._environment = environment

    def __call__(self) -> "S3Credential":
        """The key, said to end before it does: what is sent with it takes its time.

        Raises:
            ExportError: there is none.
        """
        from workspace_exports.aws.role import role_key  # noqa: PLC0415 - an HTTP client, which most never need

        try:
            key = role_key(self._environment)
        except ExportError as error:
            self.failure = error
            raise
        self.failure = None
        return {
            "access_key_id": key.access_key_id,
            "secret_access_key": key.secret_access_key,
            "token": key.session_token,
            "expires_at": key.expires_at - _MARGIN if key.expires_at else utc_now() + _UNDATED,
        }
