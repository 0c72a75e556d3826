"""How one use case looks over HTTP, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True, slots=True)
class Route:
    """Method and path as in template.yaml, and what a success looks like.

    `headers` makes the answer's headers from its body.
    """

    method: str
    path: str
    status: HTTPStatus
    headers: Callable[[Mapping[str, Any]], dict[str, str]]
