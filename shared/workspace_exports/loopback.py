"""Plain HTTP is for this machine only."""

import re
from ipaddress import ip_address

_URL = re.compile(
    r"(?P<scheme>https?)://(?:\[(?P<v6>[0-9a-f:.]+)\]|(?P<name>[a-z0-9_.-]+))(?::(?P<port>[0-9]{1,5}))?(?:/[!\"$->@-\[\]-~]*)?",
    re.ASCII | re.IGNORECASE,
)
"""ASCII without a user, a query, a fragment, a backslash or an escape in the host.

Nothing that two libraries could read in two ways.
"""
_LARGEST_PORT = 65_535


def is_loopback(url: str) -> bool:
    """Whether the URL names this very machine."""
    found = _URL.fullmatch(url)
    host = (found["v6"] or found["name"]) if found else ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_safe_endpoint(url: str) -> bool:
    """Whether signed requests may go there: https, or plain HTTP on this machine."""
    found = _URL.fullmatch(url)
    if found is None or int(found["port"] or 0) > _LARGEST_PORT:
        return False
    return found["scheme"].lower() == "https" or is_loopback(url)
