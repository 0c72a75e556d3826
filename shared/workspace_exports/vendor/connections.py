"""HTTP connections to the vendor, kept from one invocation of a container to the next."""

import httpx

from workspace_exports.vendor.credentials import AccessKey
from workspace_exports.vendor.signing import SdkHmacAuth

_TIMEOUT = httpx.Timeout(connect=5.0, read=20.0, write=20.0, pool=5.0)
_KEPT = 8

_clients: dict[tuple[str, AccessKey], httpx.Client] = {}


def connection(endpoint: str, key: AccessKey) -> httpx.Client:
    """A signing client for that endpoint; the same one as last time, unless too many others came between."""
    client = _clients.pop((endpoint, key), None) or httpx.Client(
        base_url=endpoint, auth=SdkHmacAuth(key), timeout=_TIMEOUT, follow_redirects=False
    )
    _clients[endpoint, key] = client
    while len(_clients) > _KEPT:
        _clients.pop(next(iter(_clients))).close()
    return client


def close_connections() -> None:
    """Closes all that are kept; the next call opens new ones."""
    while _clients:
        _clients.popitem()[1].close()
