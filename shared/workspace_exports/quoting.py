"""How a value is shown in an error: as Python would write it, never longer than a line."""

import reprlib

_REPR = reprlib.Repr()
_REPR.maxstring = _REPR.maxother = 80


def quoted(value: object) -> str:
    """The value, control characters escaped and the middle left out where it is long."""
    try:
        return _REPR.repr(value)
    except ValueError:
        return "a number of thousands of digits"
