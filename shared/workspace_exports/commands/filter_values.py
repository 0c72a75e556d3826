"""Filters on the command line: `name=value`, the value in the type that the catalogue declares."""

from collections.abc import Iterable

from workspace_exports.core.errors import Rejected
from workspace_exports.exports import find_export
from workspace_exports.exports.parameters import Choice, Flag, Integer, Parameter, Texts

_FLAGS = {"true": True, "false": False}


def read_filters(kind: str, given: Iterable[str]) -> dict[str, object]:
    """Return the filters. A value that does not fit stays a text, which the order's own check then refuses.

    A list is given by repetition: `--filter names=a --filter names=b`.

    Raises:
        Rejected: the kind is not known, one of them has no `=`, or a filter is given twice that takes one value.
    """
    declared = {parameter.name: parameter for parameter in find_export(kind).parameters}
    filters: dict[str, object] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise Rejected(f"The filter {text!r} has no value", advice="Write --filter name=value.")
        parameter, before = declared.get(name), filters.get(name)
        if isinstance(parameter, Texts):
            filters[name] = [*(before if isinstance(before, list) else []), value]
        elif name in filters:
            raise Rejected(f"The filter {name} is given twice", advice="Give it once: it takes one value.")
        else:
            filters[name] = _typed(parameter, value)
    return filters


def _typed(parameter: Parameter | None, value: str) -> object:
    is_number = isinstance(parameter, Integer) or (
        isinstance(parameter, Choice) and isinstance(parameter.allowed[0], int)
    )
    if is_number and value.lstrip("-").isdecimal():
        return int(value)
    return _FLAGS.get(value, value) if isinstance(parameter, Flag) else value
