"""Call without credentials, and the obstacle where none comes through."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from workspace_exports.core.clock import utc_now
from workspace_exports.network.connection_errors import ConnectionFailure, Step
from workspace_exports.network.http_client import open_client

_NAMES = "WORKSPACE_REGION, WORKSPACE_ENDPOINT, HTTPS_PROXY"
_OR_PROXY = " through firewall and routes, or set HTTPS_PROXY to a proxy that can"
_TRUST = "Check that the endpoint speaks https; where a proxy inspects TLS, set SSL_CERT_FILE to its certificates."


@dataclass(frozen=True, slots=True)
class EndpointAnswer:
    """Part of an answer that says something about the way to the vendor.

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
    """Step at which a call stops, and the remedy."""

    said: str
    remedy: str


def knock(endpoint: str) -> EndpointAnswer:
    """Ask for the endpoint's root without credentials: it costs no key an attempt.

    Raises:
        httpx.RequestError: there was no answer.
        Misconfigured: a proxy or the trusted certificates are of no use.
    """
    with open_client(endpoint) as http:
        response = http.get("/")
    return EndpointAnswer(response.status_code, response.headers.get("date"), utc_now())


def obstacle(failure: ConnectionFailure) -> Obstacle:
    """Return the step that failed, in words for the terminal, and the remedy."""
    host, first = failure.host, failure.first_stop
    if failure.step is Step.PROXY:
        return Obstacle("proxy: it does not open the way", f"Have the proxy in HTTPS_PROXY let through {host}.")
    if failure.step is Step.NAME:
        return Obstacle(f"DNS: {first} has no address", f"Check {_NAMES} and the DNS here.")
    if failure.step is Step.TLS:
        return Obstacle(f"TLS: no trusted connection to {host}", _TRUST)
    if failure.step is Step.CONNECTION:
        why = "timed out" if failure.kind == "ConnectTimeout" else "failed"
        return Obstacle(f"connect: the connection to {first} {why}", f"Let this machine reach {host}{_OR_PROXY}.")
    return Obstacle(f"HTTP: {first} was reached and gave no answer ({failure.kind})", f"Check {_NAMES}.")


def host_of(url: str) -> str:
    """Return host and port, without the rest of the URL."""
    return urlsplit(url).netloc.rpartition("@")[2]
