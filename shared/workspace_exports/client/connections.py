"""Connections to the vendor, kept from one invocation of a container to the next."""

import re
from functools import cached_property
from threading import local
from typing import TYPE_CHECKING

from workspace_exports.client.authentication import VendorAuth
from workspace_exports.client.config import ClientConfig
from workspace_exports.client.credentials import AccessKey
from workspace_exports.client.credentials.cache import credential_cache
from workspace_exports.client.regions import iam_endpoint
from workspace_exports.core.contract import NAME
from workspace_exports.core.errors import Misconfigured
from workspace_exports.core.redaction import sanitize
from workspace_exports.network.http_client import open_client

if TYPE_CHECKING:
    from workspace_exports.client.iam import Iam
    from workspace_exports.client.tokens import Tokens

_KEPT = 8

_own = local()
"""Connections of this thread: none is closed while another thread uses it."""
_opened: set["Connection"] = set()
"""Connections of all threads."""


class Connection:
    """State of one way to sign in, in this container: open connections, credentials and project.

    Attributes:
        http: signs every request, or sends a token with it; its base URL is the service's endpoint.
    """

    def __init__(self, config: ClientConfig) -> None:
        self._config = config
        self._credentials = credential_cache(config.source)
        self._auth = VendorAuth(self._credentials, self._open_tokens)
        self.http = open_client(config.endpoint, auth=self._auth)

    @cached_property
    def project_id(self) -> str:
        """Id of the project: from the settings, from beside the credentials, or from the identity service.

        Raises:
            Misconfigured: there are no credentials, or no such project, or several.
            Unauthorized, Throttled, VendorUnavailable, UnexpectedAnswer: as the vendor answers.
        """
        return self._known_project() or self._look_up_project()

    def _known_project(self) -> str | None:
        return self._config.project_id or self._credentials.current().project_id

    def _look_up_project(self) -> str:
        """Return the project's id. A login's token names it; a key needs a request."""
        _, proof = self._auth.prove()
        found = self._iam.projects() if isinstance(proof, AccessKey) else [proof.project_id]
        return _only(found, self._config.region)

    @property
    def _iam(self) -> "Iam":
        from workspace_exports.client.iam import Iam  # noqa: PLC0415 - few need it

        beside = self._credentials.current().iam_endpoint
        endpoint = self._config.iam_endpoint or beside or iam_endpoint(self._config.region)
        return Iam(self.http, endpoint, self._config.region)

    def _open_tokens(self) -> "Tokens":
        from workspace_exports.client.tokens import Tokens  # noqa: PLC0415 - few need it

        return Tokens(self._iam, self._known_project())


def connection(config: ClientConfig) -> Connection:
    """Return the connection for that way to sign in; each thread keeps the eight that it used last."""
    kept: dict[ClientConfig, Connection] = _own.__dict__.setdefault("kept", {})
    found = kept.pop(config, None)
    if found is None or found not in _opened:
        _opened.add(found := Connection(config))
    kept[config] = found
    while len(kept) > _KEPT:
        _close(kept.pop(next(iter(kept))))
    return found


def _close(unused: "Connection") -> None:
    _opened.discard(unused)
    unused.http.close()


def find_project(config: ClientConfig) -> str:
    """Return the project's id; look it up, once per container, only if the settings name none.

    Raises:
        Misconfigured: there are no credentials, or no such project, or several.
        Unauthorized, Throttled, VendorUnavailable, UnexpectedAnswer: as the vendor answers.
    """
    return config.project_id or connection(config).project_id


def close_connections() -> None:
    """Close the connections of all threads and forget all credentials, so that the next call opens and reads anew."""
    credential_cache.cache_clear()
    for one in tuple(_opened):
        _close(one)


def _only(found: list[str], region: str) -> str:
    if len(found) != 1 or not re.fullmatch(NAME, found[0]):
        listed = f"{len(found)} projects ({sanitize(', '.join(found))})" if found else "no project"
        raise Misconfigured(
            f"The vendor's identity service names {listed} for {region}",
            advice="Set HUAWEICLOUD_SDK_PROJECT_ID (in template.yaml, WorkspaceProjectId) to the project's id.",
        )
    return found[0]
