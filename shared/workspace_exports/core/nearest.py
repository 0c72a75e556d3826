"""Search for the known name nearest to an unknown one, because most unknown names are typing mistakes."""

from collections.abc import Iterable

_LONGEST_NAME = 100
"""Characters that are compared: no name of ours is longer, and the time grows with the product of both lengths."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ` (did you mean kinds?)` to put after the name; empty where no known name is near.

    Args:
        name: as it was given; upper and lower case are the same.
        known: all known names.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - most calls of a function name nothing wrong

    by_lower = {one.lower(): one for one in known}
    found = get_close_matches(name[:_LONGEST_NAME].lower(), by_lower, n=1)
    return f" (did you mean {by_lower[found[0]]}?)" if found else ""
