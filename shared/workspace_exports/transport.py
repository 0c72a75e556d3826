"""The one way an HTTP client is opened here: bounded waits, one TLS context for all, redirects never followed."""

import ssl
from functools import lru_cache

import httpx

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 20.0


def open_client(
    base_url: str = "", *, auth: httpx.Auth | None = None, read_seconds: float = _READ_SECONDS, use_proxies: bool = True
) -> httpx.Client:
    """A client that carries credentials, hence goes nowhere it was not sent: an answer cannot redirect it."""
    timeout = httpx.Timeout(read_seconds, connect=_CONNECT_SECONDS, pool=_CONNECT_SECONDS)
    return httpx.Client(
        base_url=base_url, auth=auth, timeout=timeout, follow_redirects=False, verify=_tls(), trust_env=use_proxies
    )


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Loading the certificates takes longer than all the rest of a client."""
    return httpx.create_ssl_context()
