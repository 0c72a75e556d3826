"""Credentials of one source, read once per container and once more after each refusal by the vendor."""

from functools import lru_cache
from time import monotonic

from workspace_exports.client.credentials.identities import Credentials
from workspace_exports.client.credentials.providers import CredentialProvider
from workspace_exports.core.errors import ExportError, Unauthorized
from workspace_exports.core.log import logger

_KEPT = 8
_REST_SECONDS = 300.0
"""Time for which refused credentials are not used: more than five refusals in a row lock a key for as long."""


class CredentialCache:
    """Credentials of one source, as last read."""

    def __init__(self, source: CredentialProvider) -> None:
        self._source = source
        self._held: Credentials | None = None
        self._refused: Credentials | None = None
        self._refused_at = 0.0

    def current(self) -> Credentials:
        """Return the held credentials; read them now if there are none.

        Raises:
            Unauthorized: the vendor has refused them within five minutes, and the source still holds no others.
        """
        if self._held is None:
            self._held = self._source.read()
        if self._rests():
            self._read_again()
        if self._rests():
            raise Unauthorized(
                "The vendor has refused these credentials before; they are not used again for five minutes"
            )
        return self._held

    def renew(self, refused: Credentials) -> bool:
        """Return whether credentials other than the refused ones are held now.

        If the refused ones are still held, the source is read once more.
        """
        if self._held == refused:
            self._read_again()
        if self._held == refused:
            self._refused, self._refused_at = refused, monotonic()
        return self._held != refused

    def _rests(self) -> bool:
        if self._refused is None or self._held != self._refused:
            return False
        return monotonic() - self._refused_at < _REST_SECONDS

    def _read_again(self) -> None:
        """Read the source again; a failure to read changes nothing, so that the vendor's refusal stands.

        An error that invites a retry would make callers retry the refused key until the vendor locks it.
        """
        try:
            self._held = self._source.read()
        except ExportError as error:
            logger.warning("credentials not read again", error=type(error).__name__, detail=str(error))


@lru_cache(maxsize=_KEPT)
def credential_cache(source: CredentialProvider) -> CredentialCache:
    """Return the keyring of that provider; the container keeps the eight that were used last."""
    return CredentialCache(source)
