"""What one source held when it was last read: once per container, and once more whenever the vendor refuses it."""

from functools import lru_cache

from workspace_exports.errors import ExportError
from workspace_exports.log import logger
from workspace_exports.vendor.credentials.identities import Credentials
from workspace_exports.vendor.credentials.sources import Source

_KEPT = 8


class Keyring:
    """The credentials of one source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._held: Credentials | None = None

    def current(self) -> Credentials:
        """Those held; read now if none are."""
        if self._held is None:
            self._held = self._source.read()
        return self._held

    def renew(self, refused: Credentials) -> bool:
        """Whether others than those refused are held now; to find out, the source is read once more.

        A source that cannot be read now changes nothing, so that the vendor's refusal stands: an error that invites
        a retry would have the refused key tried again and again, until the vendor locks it.
        """
        if self._held == refused:
            try:
                self._held = self._source.read()
            except ExportError as error:
                logger.warning("credentials not read again", error=type(error).__name__, detail=str(error))
        return self._held != refused


@lru_cache(maxsize=_KEPT)
def keyring(source: Source) -> Keyring:
    """The one keyring of that source; kept for the life of the container."""
    return Keyring(source)
