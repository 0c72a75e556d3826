"""Proxy for each host, from the variables that curl and other HTTP libraries read.

The rules are those of Python's own library. A variable in lower case has priority over one in upper case, even if it is
empty. In a CGI script `HTTP_PROXY` is ignored, because it is a header of the request there.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address, ip_network
from typing import Self

from workspace_exports.core.endpoints import is_host, is_loopback_host, is_port
from workspace_exports.core.errors import Misconfigured

_SCHEMES = ("http", "https")
_FORM = re.compile(
    r"https?://(?:(?P<user>[!$&-.0-9;=A-Z_a-z~%]*)(?::(?P<password>[!$&-.0-9:;=A-Z_a-z~%]*))?@)?"
    r"(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_.-]+))(?::(?P<port>[0-9]{1,5}))?/?",
    re.ASCII | re.IGNORECASE,
)
"""Form of a proxy's URL. All other characters of a user or a password need escapes: a bare slash would end the host."""
_BROKEN_ESCAPE = re.compile(r"%(?![0-9a-f]{2})", re.IGNORECASE)
_HOW = "Write it as http://host:port or http://user:password@host:port, a slash in a password as %2F, or unset it."
_EXCEPTION = re.compile(r"(?:\w+://)?(?:\[(?P<v6>[^]]+)\]|(?P<name>[^:/]+))(?::(?P<port>[0-9]{1,5}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Proxies:
    """Proxies of one environment.

    Attributes:
        urls: pairs of the requested URL's scheme and the proxy's URL.
        exceptions: hosts, domains and networks that need no proxy, as the variable has them.
    """

    urls: tuple[tuple[str, str], ...] = ()
    exceptions: tuple[str, ...] = ()

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """Return the proxies that the variables name.

        Raises:
            Misconfigured: a value is not the URL of an HTTP proxy; the text has the variable's name, never its value.
        """
        urls = tuple((scheme, url) for scheme in _SCHEMES if (url := _url(environment, scheme)))
        _, exceptions = _stated(environment, "no")
        return cls(urls, tuple(filter(None, re.split(r"[,\s]+", exceptions))))

    def proxy_for(self, scheme: str, host: str, port: int | None = None) -> str | None:
        """Return the URL of the proxy for a host; None if it needs none, as this machine itself never does.

        Args:
            scheme: the requested URL's scheme.
            host: a name, or an address without brackets.
            port: the port; None for the scheme's default.
        """
        url = dict(self.urls).get(scheme)
        host = host.lower().rstrip(".")
        port = port or (443 if scheme == "https" else 80)
        if url is None or is_loopback_host(host) or any(_excepts(one, host, port) for one in self.exceptions):
            return None
        return url


def _url(environment: Mapping[str, str], scheme: str) -> str | None:
    name, url = next((found for kind in (scheme, "all") if (found := _stated(environment, kind))[1]), ("", ""))
    if url and not _is_proxy(url):
        raise Misconfigured(f"{name}: is not the URL of an HTTP proxy", advice=_HOW)
    return url or None


def _stated(environment: Mapping[str, str], kind: str) -> tuple[str, str]:
    """Return the name of the variable that counts, and its value."""
    lower, upper = f"{kind}_proxy", f"{kind.upper()}_PROXY"
    if lower in environment or (kind == "http" and "REQUEST_METHOD" in environment):
        return lower, environment.get(lower, "").strip()
    return upper, environment.get(upper, "").strip()


def _is_proxy(url: str) -> bool:
    found = _FORM.fullmatch(url)
    if found is None or _BROKEN_ESCAPE.search(url):
        return False
    return is_host(found["v6"], found["name"]) and is_port(found["port"])


def _excepts(exception: str, host: str, port: int) -> bool:
    """Return whether an entry of NO_PROXY matches a host.

    An entry is `*`, a network, an address, a host or its domain, with or without a port.
    """
    return exception == "*" or any(
        wanted in (None, port) and _is_below(name, host) for name, wanted in _readings(exception)
    )


def _readings(exception: str) -> Iterator[tuple[str, int | None]]:
    """Yield the ways to read an entry, as a host and a port each; an IPv6 address may have no brackets."""
    yield exception, None
    if found := _EXCEPTION.fullmatch(exception):
        yield found["v6"] or found["name"], int(found["port"]) if found["port"] else None


def _is_below(name: str, host: str) -> bool:
    try:
        return ip_address(host) in ip_network(name, strict=False)
    except ValueError:
        domain = name.lower().removeprefix("*").strip(".")
        return bool(domain) and (host == domain or host.endswith(f".{domain}"))
