"""How parameters become the pairs of a query."""

from collections.abc import Iterator, Mapping


def query_pairs(parameters: Mapping[str, object]) -> list[tuple[str, str]]:
    """A list as its name repeated, booleans as true and false, as the vendor's own client sends them."""
    return [(name, _word(value)) for name, values in parameters.items() for value in _each(values)]


def _each(values: object) -> Iterator[object]:
    yield from values if isinstance(values, list) else [values]


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
