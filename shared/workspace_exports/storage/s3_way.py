"""The way to the storage: its proxy and the certificates trusted, as obstore is told them.

Where it is told nothing, it reads HTTPS_PROXY and its like, SSL_CERT_FILE and SSL_CERT_DIR by itself.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from workspace_exports.network.certificates import AWS, VENDOR, Chosen, chosen, read_certificates
from workspace_exports.network.proxies import Proxies

if TYPE_CHECKING:
    from obstore.store import ClientConfig

_NONE: "ClientConfig" = {"proxy_url": "http://127.0.0.1:9", "proxy_excludes": "*,0.0.0.0/0,::/0"}
"""A proxy that is used for no name and no address: being given one keeps obstore from looking for others."""
_KEYS_IN_CONTAINERS = "169.254.0.0/16"
"""Where containers are handed their keys."""


def find_way(endpoint: str, environment: Mapping[str, str]) -> "ClientConfig":
    """The options of obstore's client.

    Raises:
        Misconfigured: a proxy or the trusted certificates are of no use.
    """
    return _proxy(endpoint, Proxies.read(environment)) | _trust(environment)


def _proxy(endpoint: str, proxies: Proxies) -> "ClientConfig":
    parts = urlsplit(endpoint)
    url = proxies.proxy_for(parts.scheme, parts.hostname or "", parts.port)
    if url is None:
        return _NONE
    return {"proxy_url": url, "proxy_excludes": ",".join((*proxies.exceptions, _KEYS_IN_CONTAINERS))}


def _trust(environment: Mapping[str, str]) -> "ClientConfig":
    trusted = chosen(environment, AWS) or _usual(environment)
    if trusted is None:
        return {}
    options = {"root_certificate": read_certificates(*trusted), "disable_system_certificates": True}
    return cast("ClientConfig", options)  # obstore's types do not know the second


def _usual(environment: Mapping[str, str]) -> Chosen | None:
    """The usual certificates, where an empty variable would have obstore trust none."""
    if not any(name in environment for name in VENDOR):
        return None
    from certifi import where  # noqa: PLC0415 - seldom of use

    return VENDOR[0], where()
