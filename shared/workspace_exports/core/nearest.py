"""The known name that is nearest to one that is not known: most are typing mistakes."""

from collections.abc import Iterable

_LONGEST_NAME = 100
"""No name of ours is longer, and comparing takes the product of both lengths."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` (did you mean kinds?)`, to stand behind the name; empty where no known name is near.

    Args:
        name: as it was given; upper and lower case count alike.
        known: the names there are.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - most calls of a function name nothing wrong

    by_lower = {one.lower(): one for one in known}
    found = get_close_matches(name[:_LONGEST_NAME].lower(), by_lower, n=1)
    return f" (did you mean {by_lower[found[0]]}?)" if found else ""
