"""One call without credentials, and what is wrong where none comes through."""

import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from workspace_exports.clock import utc_now
from workspace_exports.transport import open_client

_NAMES = "WORKSPACE_REGION, WORKSPACE_ENDPOINT, HTTPS_PROXY"
_OR_PROXY = " through firewall and routes, or set HTTPS_PROXY to a proxy that can"
_TRUST = "Check that the endpoint speaks https; where a proxy inspects TLS, set SSL_CERT_FILE to its certificates."

UNREACHED = (httpx.RequestError, httpx.InvalidURL, OSError, ValueError, ImportError)
"""What a knock may end in: the last three where the client cannot even be made, of wrong certificates or proxies."""


@dataclass(frozen=True, slots=True)
class Answer:
    """As much of an answer as says something about the way to the vendor.

    Attributes:
        status: of HTTP; any will do.
        date: the vendor's time, as it says it.
        received_at: the time here when it came in.
    """

    status: int
    date: str | None
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What keeps a call from getting through, and what to do about it."""

    said: str
    remedy: str


def knock(endpoint: str) -> Answer:
    """Asks for the endpoint's root as nobody: it costs no key an attempt.

    Raises:
        Exception: there was no answer; one of UNREACHED.
    """
    with open_client(endpoint) as http:
        response = http.get("/")
    return Answer(response.status_code, response.headers.get("date"), utc_now())


def obstacle(error: Exception, endpoint: str) -> Obstacle:
    """Which step failed: the settings of the way, name, connection, TLS, proxy, or the answer itself.

    The error's own text is not shown: it may quote the URL of a proxy, password and all.
    """
    if isinstance(error, httpx.RequestError):
        return _on_the_way(error, host_of(endpoint), _first_stop(endpoint))
    if isinstance(error, OSError):
        return Obstacle("TLS: the trusted certificates cannot be read", "Mend or unset SSL_CERT_FILE and SSL_CERT_DIR.")
    if isinstance(error, httpx.InvalidURL):
        return Obstacle("the endpoint is no URL", "Mend WORKSPACE_ENDPOINT.")
    return Obstacle("the proxy's URL is of no kind that can be used", "Set HTTPS_PROXY to http://host:port.")


def _on_the_way(error: httpx.RequestError, host: str, first: str) -> Obstacle:
    causes = tuple(_causes(error))
    if isinstance(error, httpx.ProxyError):
        return Obstacle("proxy: it does not open the way", f"Have the proxy in HTTPS_PROXY let through {host}.")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Obstacle(f"DNS: {first} has no address", f"Check {_NAMES} and the DNS here.")
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Obstacle(f"TLS: no trusted connection to {host}", _TRUST)
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        why = "timed out" if isinstance(error, httpx.ConnectTimeout) else "failed"
        return Obstacle(f"connect: the connection to {first} {why}", f"Let this machine reach {host}{_OR_PROXY}.")
    return Obstacle(f"HTTP: {first} was reached and gave no answer ({type(error).__name__})", f"Check {_NAMES}.")


def host_of(url: str) -> str:
    """Host and port, without whatever else a URL may hold."""
    parts = urlsplit(url)
    return parts.netloc.rpartition("@")[2]


def _first_stop(endpoint: str) -> str:
    """Whom a connection is opened to. A proxy is not named: its URL may hold a password."""
    parts = urlsplit(endpoint)
    proxies = getproxies()
    if (parts.scheme in proxies or "all" in proxies) and not proxy_bypass(parts.hostname or ""):
        return "the proxy in HTTPS_PROXY"
    return host_of(endpoint)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
