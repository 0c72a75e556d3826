"""How one use case looks over HTTP, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

Body = Mapping[str, Any]
Recall = Callable[[Mapping[str, str], Any], Any]


def no_headers(_: Body) -> dict[str, str]:
    """Nothing but the body."""
    return {}


def retry_after(body: Body) -> dict[str, str]:
    """When to ask again, where there is something to wait for."""
    return {"Retry-After": str(body["wait_seconds"])} if body["wait_seconds"] else {}


@dataclass(frozen=True, slots=True)
class Route:
    """Method and path, and what a success looks like.

    Attributes:
        method: as in template.yaml.
        path: as in template.yaml, with `<name>` for `{name}`.
        status: of a success.
        headers: makes the answer's headers from its body.
        recall: the request from the path's parameters and the function's settings; None where the body is the request.
    """

    method: str
    path: str
    status: HTTPStatus
    headers: Callable[[Body], dict[str, str]] = no_headers
    recall: Recall | None = None
