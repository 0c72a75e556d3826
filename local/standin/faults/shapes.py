"""What may become of the right JSON of an answer: each takes it and gives what goes out instead."""

from collections.abc import Callable
from typing import Any

Json = Any

LONE_SURROGATE = "\ud800"
"""JSON can say it, UTF-8 cannot."""


def as_list(document: Json) -> Json:
    """A list where an object is due."""
    return [document]


def as_objects(document: Json) -> Json:
    """Objects in the place of all that the object holds, lists included."""
    return {name: {"value": value} for name, value in document.items()}


def numbered(document: Json) -> Json:
    """Numbers for ids, at any depth."""
    return _with_ids(document, lambda _: 7)


def nulled(document: Json) -> Json:
    """Nulls for ids, at any depth."""
    return _with_ids(document, lambda _: None)


def climbing(document: Json) -> Json:
    """Ids that climb out of a path, at any depth."""
    return _with_ids(document, lambda value: f"../{value}")


def emptied(_document: Json) -> Json:
    """An object with nothing of what is due."""
    return {}


def complaining(_document: Json) -> Json:
    """An error in the vendor's shape in the place of the answer, though the work was done."""
    return {"error_code": "WKS.00211401", "error_msg": "Internal error, try again later"}


def doubled(document: Json) -> Json:
    """Every item of every list twice."""
    return {
        name: [item for item in value for _ in range(2)] if isinstance(value, list) else value
        for name, value in document.items()
    }


def reworded(status: str) -> Callable[[Json], Json]:
    """Another word for every task's status."""
    return lambda document: _changed(document, {"status"}, lambda _: status)


def unprintable(document: Json) -> Json:
    """What no UTF-8 can hold, wherever the vendor may say what it likes."""
    return _changed(document, {"file_name", "fail_reason", "error_code"}, lambda _: LONE_SURROGATE)


def _with_ids(document: Json, change: Callable[[Json], Json]) -> Json:
    return _changed(document, {"id", "task_id"}, change)


def _changed(document: Json, names: set[str], change: Callable[[Json], Json]) -> Json:
    """The document with the values of those names changed, at any depth."""
    if isinstance(document, list):
        return [_changed(item, names, change) for item in document]
    if not isinstance(document, dict):
        return document
    return {
        name: change(value) if name in names else _changed(value, names, change) for name, value in document.items()
    }
