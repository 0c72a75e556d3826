"""Values of variables, without the blanks and the ends of DOS lines that people and their tools add."""

from collections.abc import Mapping

from workspace_exports.core.errors import Misconfigured

_TRUE = frozenset({"1", "on", "t", "true", "y", "yes"})
_FALSE = frozenset({"0", "f", "false", "n", "no", "off"})


def value_of(environment: Mapping[str, str], name: str) -> str:
    """Return the variable's value without the blanks around it; empty if it is not set."""
    return environment.get(name, "").strip()


def is_true(environment: Mapping[str, str], name: str) -> bool:
    """Return the variable as a boolean; False if it is not set.

    Raises:
        Misconfigured: the value is neither true nor false.
    """
    value = value_of(environment, name).lower()
    if value and value not in _TRUE | _FALSE:
        raise Misconfigured(f"{name}: must be true or false")
    return value in _TRUE


def word_of(environment: Mapping[str, str], name: str) -> str:
    """Return a variable that holds a key or a token; empty if it is not set.

    Only printable ASCII is allowed, because the value becomes part of a header.

    Raises:
        Misconfigured: the value holds another character.
    """
    value = value_of(environment, name)
    if not is_word(value):
        raise Misconfigured(f"{name}: holds a character that no key holds, such as a line break")
    return value


def is_word(value: str) -> bool:
    """Return whether the value can be part of a header: ASCII without control characters or blanks around it."""
    return value.isascii() and value.isprintable() and value == value.strip()
