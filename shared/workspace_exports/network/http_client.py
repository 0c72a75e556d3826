"""The one way an HTTP client is opened here: bounded waits and answers, redirects never followed.

httpx reads nothing from the environment: proxies and trusted certificates are read by us and handed over.
"""

import logging
import os
import ssl
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from time import monotonic
from typing import cast

import httpx

from workspace_exports.network.bad_answers import EncodedAnswer, EndlessAnswer
from workspace_exports.network.certificates import VENDOR, Chosen, chosen, read_certificates
from workspace_exports.network.connection_errors import PROXIED
from workspace_exports.network.content_coding import content_coding
from workspace_exports.network.proxies import Proxies

LARGEST_ANSWER_BYTES = 8 * 1024 * 1024
"""Of a success that is no file: a hundred tasks take less than 100 KB."""
LARGEST_ERROR_BYTES = 64 * 1024
AS_STREAM = "as_stream"
"""A request's extension: the body of its success is the caller's to bound."""

_CONNECT_SECONDS = 5.0
_READ_SECONDS = 20.0
_PLAIN = "identity"


def open_client(  # noqa: PLR0913 - all but the first are named
    base_url: str = "",
    *,
    auth: httpx.Auth | None = None,
    read_seconds: float = _READ_SECONDS,
    use_proxies: bool = True,
    trust: tuple[str, ...] = VENDOR,
    environment: Mapping[str, str] = os.environ,
) -> httpx.Client:
    """A client that carries credentials, hence goes nowhere it was not sent: an answer cannot redirect it.

    Nor can it leave a cookie, fill the memory or take for ever: unless as a stream, all of it has to come within the
    time that one read may take.

    Args:
        base_url: what relative URLs are below.
        auth: signs requests.
        read_seconds: how long one read may take.
        use_proxies: False for what is on this machine.
        trust: the variables that may name trusted certificates.
        environment: where they and the proxies stand.

    Raises:
        Misconfigured: a proxy or the trusted certificates are of no use.
    """
    _keep_quiet()
    proxies = Proxies.read(environment) if use_proxies else Proxies()
    timeout = httpx.Timeout(read_seconds, connect=_CONNECT_SECONDS, pool=_CONNECT_SECONDS)
    return httpx.Client(
        base_url=base_url,
        auth=auth,
        headers={"Accept-Encoding": _PLAIN},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        timeout=timeout,
        follow_redirects=False,
        transport=_ByProxy(proxies, _tls(chosen(environment, trust))),
        trust_env=False,
        event_hooks={"response": [_bound]},
    )


@lru_cache(maxsize=4)
def _tls(trusted: Chosen | None) -> ssl.SSLContext:
    """A context as Python makes them by default, but for SSLKEYLOGFILE: no key of a connection is written to a file.

    Kept, since loading certificates takes longer than all the rest of a client.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    if trusted:
        context.load_verify_locations(cadata=read_certificates(*trusted))
    else:
        from certifi import where  # noqa: PLC0415 - not before there is a client

        context.load_verify_locations(cafile=where())
    return context


class _ByProxy(httpx.BaseTransport):
    """Sends each request through the proxy for its host, or through none."""

    def __init__(self, proxies: Proxies, context: ssl.SSLContext) -> None:
        self._proxies = proxies
        self._direct = httpx.HTTPTransport(verify=context, trust_env=False)
        self._proxied = {url: _through(url, context) for _, url in proxies.urls}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        proxy = self._proxies.proxy_for(url.scheme, url.host, url.port)
        request.extensions[PROXIED] = proxy is not None
        return (self._proxied[proxy] if proxy else self._direct).handle_request(request)

    def close(self) -> None:
        for transport in (self._direct, *self._proxied.values()):
            transport.close()


def _through(url: str, context: ssl.SSLContext) -> httpx.HTTPTransport:
    proxy = httpx.Proxy(url, ssl_context=context if url.lower().startswith("https:") else None)
    return httpx.HTTPTransport(verify=context, trust_env=False, proxy=proxy)


def _keep_quiet() -> None:
    """These loggers write queries, and headers with tokens, as soon as the root logger's level is low enough."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _bound(response: httpx.Response) -> None:
    """Bounds the body before any of it is read, and removes where a redirect leads, which may be no URL at all."""
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
