"""The one way an HTTP client is opened here: bounded waits and answers, one TLS context, redirects never followed."""

import logging
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from time import monotonic
from typing import cast

import httpx

from workspace_exports.bad_answers import EncodedAnswer, EndlessAnswer
from workspace_exports.content_coding import content_coding

LARGEST_ANSWER_BYTES = 8 * 1024 * 1024
"""Of a success that is no file: a hundred tasks take less than 100 KB."""
LARGEST_ERROR_BYTES = 64 * 1024
AS_STREAM = "as_stream"
"""A request's extension: the body of its success is the caller's to bound."""

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 20.0
_PLAIN = "identity"


def open_client(
    base_url: str = "", *, auth: httpx.Auth | None = None, read_seconds: float = _READ_SECONDS, use_proxies: bool = True
) -> httpx.Client:
    """A client that carries credentials, hence goes nowhere it was not sent: an answer cannot redirect it.

    Nor can it leave a cookie, fill the memory or take for ever: unless as a stream, all of it has to come within the
    time that one read may take.
    """
    _keep_quiet()
    timeout = httpx.Timeout(read_seconds, connect=_CONNECT_SECONDS, pool=_CONNECT_SECONDS)
    return httpx.Client(
        base_url=base_url,
        auth=auth,
        headers={"Accept-Encoding": _PLAIN},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        timeout=timeout,
        follow_redirects=False,
        verify=_tls(),
        trust_env=use_proxies,
        event_hooks={"response": [_bound]},
    )


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Loading the certificates takes longer than all the rest of a client."""
    return httpx.create_ssl_context()


def _keep_quiet() -> None:
    """These loggers write queries, and headers with tokens, as soon as the root logger's level is low enough."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _bound(response: httpx.Response) -> None:
    """Bounds an answer before its body is read; where a redirect leads is dropped, and may be no URL at all."""
    request = response.request
    response.headers.pop("location", None)
    if response.is_success and request.extensions.get(AS_STREAM):
        return
    coding = content_coding(response.headers)
    if coding and response.is_success:
        raise EncodedAnswer(f"the answer came encoded as {coding}, which was not asked for")
    most = LARGEST_ANSWER_BYTES if response.is_success else 0 if coding else LARGEST_ERROR_BYTES
    seconds = request.extensions["timeout"]["read"]
    response.stream = _Bounded(cast("httpx.SyncByteStream", response.stream), most, seconds, response.is_success)


@dataclass(frozen=True, slots=True)
class _Bounded(httpx.SyncByteStream):
    """A body up to so many bytes, within so many seconds; of a whole one, more is an error, any other just ends."""

    stream: httpx.SyncByteStream
    most: int
    seconds: float
    is_whole: bool

    def __iter__(self) -> Iterator[bytes]:
        left, until = self.most, monotonic() + self.seconds
        for chunk in self.stream:
            if len(chunk) > left or monotonic() > until:
                if self.is_whole:
                    raise EndlessAnswer("the answer does not end")
                yield chunk[:left]
                return
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self.stream.close()
