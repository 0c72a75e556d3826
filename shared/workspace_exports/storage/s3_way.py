"""Connection to the storage: its proxy and the trusted certificates, as options for obstore.

Without these options obstore itself reads HTTPS_PROXY and similar variables, SSL_CERT_FILE and SSL_CERT_DIR.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from workspace_exports.network.certificates import AWS, VENDOR, Chosen, chosen, read_certificates
from workspace_exports.network.proxies import Proxies

if TYPE_CHECKING:
    from obstore.store import ClientConfig

_NONE: "ClientConfig" = {"proxy_url": "http://127.0.0.1:9", "proxy_excludes": "*,0.0.0.0/0,::/0"}
"""Proxy that obstore uses for no name and no address. An explicit proxy stops obstore from reading the variables."""
_KEYS_IN_CONTAINERS = "169.254.0.0/16"
"""Addresses of the services that give containers their keys."""


def find_way(endpoint: str, environment: Mapping[str, str]) -> "ClientConfig":
    """Return the options of obstore's client.

    Raises:
        Misconfigured: a proxy or the trusted certificates cannot be used.
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
    return cast("ClientConfig", options)  # obstore's types lack the second


def _usual(environment: Mapping[str, str]) -> Chosen | None:
    """Return the usual certificates if SSL_CERT_FILE or SSL_CERT_DIR is empty, because obstore would trust none."""
    if not any(name in environment for name in VENDOR):
        return None
    from certifi import where  # noqa: PLC0415 - seldom needed

    return VENDOR[0], where()
