"""From a method and a raw path to an operation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from local.standin.messages import Call
from local.standin.operations import OPERATIONS
from local.standin.parameters import Operation

_APPSTREAM_REGIONS = {"cn-north-4", "cn-north-9", "cn-east-3", "cn-south-1", "cn-southwest-2"}
_VENDORS_HOST = re.compile(r"(?P<service>[a-z]+)\.(?P<region>[a-z0-9-]+)\.myhuaweicloud\.com")
_PLACEHOLDER = re.compile(r"\\{(\w+)\\}")


@dataclass(frozen=True)
class Route:
    """An operation and what the path said."""

    operation: Operation
    places: Mapping[str, str]


def _compiled(path: str) -> re.Pattern[str]:
    return re.compile(_PLACEHOLDER.sub(r"(?P<\1>[^/]+)", re.escape(path)))


_PATTERNS = tuple((operation, _compiled(operation.path)) for operation in OPERATIONS.values())


def find_route(call: Call) -> Route | None:
    """Answer the route of a call, its places decoded; at another service's host there is none."""
    for operation, pattern in _PATTERNS:
        match = pattern.fullmatch(call.path)
        if match and operation.method == call.method and _is_served_at(call.header("Host") or "", operation):
            return Route(operation, {name: unquote(place) for name, place in match.groupdict().items()})
    return None


def _is_served_at(host: str, operation: Operation) -> bool:
    """Answer whether the host is the operation's own; an address of this machine stands for all of them."""
    found = _VENDORS_HOST.fullmatch(host)
    if not found:
        return True
    shared = operation.service == "appstream" and found["region"] not in _APPSTREAM_REGIONS
    return found["service"] == ("workspace" if shared else operation.service)
