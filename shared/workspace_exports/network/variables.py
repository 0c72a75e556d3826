"""One variable, as people and their tools write it: blanks and the end of a DOS line are no part of a value."""

from collections.abc import Mapping

from workspace_exports.core.errors import Misconfigured

_TRUE = frozenset({"1", "on", "t", "true", "y", "yes"})
_FALSE = frozenset({"0", "f", "false", "n", "no", "off"})


def value_of(environment: Mapping[str, str], name: str) -> str:
    """The variable without the blanks around it; empty where it is not set."""
    return environment.get(name, "").strip()


def is_true(environment: Mapping[str, str], name: str) -> bool:
    """The variable as a yes or a no; no where it is not set.

    Raises:
        Misconfigured: it is neither.
    """
    value = value_of(environment, name).lower()
    if value and value not in _TRUE | _FALSE:
        raise Misconfigured(f"{name}: must be true or false")
    return value in _TRUE


def word_of(environment: Mapping[str, str], name: str) -> str:
    """A key or a token: printable ASCII, since it becomes part of a header; empty where it is not set.

    Raises:
        Misconfigured: it holds anything else.
    """
    value = value_of(environment, name)
    if not is_word(value):
        raise Misconfigured(f"{name}: holds a character that no key holds, such as a line break")
    return value


def is_word(value: str) -> bool:
    """True if the value can stand in a header: ASCII without control characters, and without blanks around it."""
    return value.isascii() and value.isprintable() and value == value.strip()
