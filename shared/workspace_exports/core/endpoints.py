"""Endpoints that signed requests may go to: https, or plain HTTP on this machine."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

_URL = re.compile(
    r"(?P<scheme>https?)://(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_.-]+))(?::(?P<port>[0-9]{1,5}))?(?:/[!\"$->@-\[\]-~]*)?",
    re.ASCII | re.IGNORECASE,
)
"""Pattern of a URL in ASCII, without a user, query, fragment or backslash, and without an escape in the host.

It admits no URL that two libraries could read in two ways.
"""
_LARGEST_PORT = 65_535
_LABEL = re.compile(r"[a-z0-9_-]{1,63}", re.ASCII | re.IGNORECASE)
_LONGEST_NAME = 253


def is_loopback(url: str) -> bool:
    """Return True if the URL names this machine."""
    found = _URL.fullmatch(url)
    return found is not None and is_loopback_host(found["v6"] or found["name"])


def is_loopback_host(host: str) -> bool:
    """Return True if the host, a name or an address without brackets, is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_safe_endpoint(url: str) -> bool:
    """Return True if signed requests may go there: https, or plain HTTP on this machine."""
    found = _URL.fullmatch(url)
    if found is None or not is_host(found["v6"], found["name"]) or not is_port(found["port"]):
        return False
    return found["scheme"].lower() == "https" or is_loopback(url)


def is_host(v6: str | None, name: str | None) -> bool:
    """Return True if every library can connect to the host.

    Args:
        v6: an IPv6 address; None where the host is given by name.
        name: a name or an IPv4 address; None where the host is an IPv6 address.
    """
    try:
        if v6 is not None:
            return bool(IPv6Address(v6))
        labels = (name or "").removesuffix(".").split(".")
        if labels[-1].isdigit():
            return bool(IPv4Address(name))
    except ValueError:
        return False
    return len(name or "") <= _LONGEST_NAME and all(map(_LABEL.fullmatch, labels))


def is_port(text: str | None) -> bool:
    """Return True if the digits are a port's number, or if there are none."""
    return text is None or 0 < int(text) <= _LARGEST_PORT
