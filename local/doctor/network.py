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
        httpx.RequestError: there was no answer.
    """
    with open_client(endpoint) as http:
        response = http.get("/")
    return Answer(response.status_code, response.headers.get("date"), utc_now())


def obstacle(error: httpx.RequestError, endpoint: str) -> Obstacle:
    """Which step failed: name, connection, TLS, proxy, or the answer itself. The error's own text is not shown."""
    host, first = host_of(endpoint), _first_stop(endpoint)
    causes = list(_causes(error))
    if isinstance(error, httpx.ProxyError):
        return Obstacle("the proxy refuses the way", f"Have the proxy in HTTPS_PROXY let through {host}.")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return Obstacle(f"DNS: {first} has no address", "Check WORKSPACE_REGION, WORKSPACE_ENDPOINT and the DNS here.")
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return Obstacle(
            f"TLS: no trusted connection to {host}",
            "Check that the endpoint speaks https; where a proxy inspects TLS, set SSL_CERT_FILE to its certificates.",
        )
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        why = "timed out" if isinstance(error, httpx.ConnectTimeout) else "was refused"
        return Obstacle(
            f"connect: the connection to {first} {why}",
            f"Let this machine reach {host} through firewall and routes, or set HTTPS_PROXY to a proxy that can.",
        )
    return Obstacle(
        f"HTTP: {first} was reached and gave no answer ({type(error).__name__})",
        f"Check that WORKSPACE_ENDPOINT names the vendor's service, and what stands between here and {host}.",
    )


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
