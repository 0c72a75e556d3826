"""HTTP client for all calls by httpx: waits and answers have limits, and it never follows a redirect.

httpx reads nothing from the environment: this module reads the proxies and trusted certificates and passes them on.
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
"""Limit for a successful answer that is no file. The vendor's answer with a hundred tasks takes less than 100 KB."""
LARGEST_ERROR_BYTES = 64 * 1024
AS_STREAM = "as_stream"
"""Name of a request's extension; if it is set, the caller limits the body of a successful answer."""

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
    """Return a client that no answer can redirect, because it sends credentials.

    An answer also cannot set a cookie, fill the memory or take forever. Unless it is read as a stream, all of it has to
    arrive within the time that one read may take.

    Args:
        base_url: the URL that relative URLs start from.
        auth: the object that signs requests.
        read_seconds: the limit for one read.
        use_proxies: False for services on this machine.
        trust: the variables that may name trusted certificates.
        environment: the variables with the trusted certificates and the proxies.

    Raises:
        Misconfigured: a proxy or the trusted certificates cannot be used.
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
    """Return a context with Python's defaults except SSLKEYLOGFILE: no key of a connection is written to a file.

    The context is cached, because loading certificates takes longer than creating the rest of a client.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if sys.version_info >= (3, 13):
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    if trusted:
        context.load_verify_locations(cadata=read_certificates(*trusted))
    else:
        from certifi import where  # noqa: PLC0415 - needed only once a client is opened

        context.load_verify_locations(cafile=where())
    return context


class _ByProxy(httpx.BaseTransport):
    """Transport that sends each request through the proxy for its host, or directly."""

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
    """Set the loggers of httpx and httpcore to WARNING.

    At a lower level they write queries, and headers with tokens.
    """
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _bound(response: httpx.Response) -> None:
    """Limit the body before any of it is read, and remove the Location header.

    The value of that header may be no valid URL.
    """
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
    """Body that is limited to a number of bytes and of seconds.

    If the body is needed whole, a longer one is an error; any other body is cut at the limit.
    """

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
