"""Role's key for storage if Lambda provides it by a service instead of variables, as with SnapStart."""

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
    """Provider of the key for obstore, which calls it again when the last key has expired.

    Attributes:
        failure: the error of the last call, or None; obstore reports it only as part of a text.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.failure: ExportError | None = None
        self._environment = environment

    def __call__(self) -> "S3Credential":
        """Return the key, with an expiry 5 minutes before the real one, because a request with it takes time.

        If AWS gives no expiry, it is 5 minutes from now.

        Raises:
            ExportError: there is no key.
        """
        from workspace_exports.aws.role import role_key  # noqa: PLC0415 - an HTTP client, which most callers never need

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
