"""The one way an HTTP client is opened here: bounded waits and answers, one TLS context for all, no redirects."""

import ssl
from collections.abc import Iterator
from functools import lru_cache
from time import monotonic
from typing import cast

import httpx

BOUNDLESS = "boundless"
"""The extension of a request whose success may be of any length and take any time: a file."""

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 20.0
_LONGEST_ANSWER_BYTES = 8 * 1024 * 1024


def open_client(
    base_url: str = "", *, auth: httpx.Auth | None = None, read_seconds: float = _READ_SECONDS, use_proxies: bool = True
) -> httpx.Client:
    """A client that carries credentials, hence goes nowhere it was not sent: an answer cannot redirect it.

    Nor can it keep the client: unless the request is `BOUNDLESS`, the whole body has to come within the time that one
    read has, and within eight megabytes.
    """
    timeout = httpx.Timeout(read_seconds, connect=_CONNECT_SECONDS, pool=_CONNECT_SECONDS)
    return httpx.Client(
        base_url=base_url,
        auth=auth,
        timeout=timeout,
        follow_redirects=False,
        verify=_tls(),
        trust_env=use_proxies,
        event_hooks={"response": [_disarm]},
    )


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Loading the certificates takes longer than all the rest of a client."""
    return httpx.create_ssl_context()


def _disarm(response: httpx.Response) -> None:
    """Takes the address out of a redirect, which httpx reads, and stumbles over, even where it does not follow it."""
    response.headers.pop("Location", None)
    if not (response.is_success and response.request.extensions.get(BOUNDLESS)):
        response.stream = _Bounded(response)


class _Bounded(httpx.SyncByteStream):
    """An answer's body, which ends one way or another."""

    def __init__(self, response: httpx.Response) -> None:
        self._stream = cast("httpx.SyncByteStream", response.stream)
        self._seconds: float = response.request.extensions["timeout"]["read"]

    def __iter__(self) -> Iterator[bytes]:
        ends_at, bytes_left = monotonic() + self._seconds, _LONGEST_ANSWER_BYTES
        for chunk in self._stream:
            bytes_left -= len(chunk)
            if bytes_left < 0:
                raise httpx.RemoteProtocolError("the answer is longer than any is")
            if monotonic() > ends_at:
                raise httpx.ReadTimeout("the answer takes longer than any may")
            yield chunk

    def close(self) -> None:
        self._stream.close()
