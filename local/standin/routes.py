"""From a method and a raw path to an operation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from local.standin.messages import Call
from local.standin.operations import OPERATIONS
from local.standin.parameters import Operation

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
    """Answer the route of a call, its places decoded."""
    for operation, pattern in _PATTERNS:
        match = pattern.fullmatch(call.path)
        if match and operation.method == call.method:
            return Route(operation, {name: unquote(place) for name, place in match.groupdict().items()})
    return None
