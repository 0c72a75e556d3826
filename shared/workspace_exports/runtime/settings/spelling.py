"""Check for misspelt variables of ours, which would otherwise be ignored, so that the default would count."""

from collections.abc import Iterable
from functools import lru_cache

from workspace_exports.core.errors import Misconfigured

_PREFIXES = ("ARCHIVE_", "AT_RISK_", "DELETE_AFTER_", "HUAWEICLOUD_SDK_", "IAM_", "POLL_", "VENDOR_", "WORKSPACE_")
"""Beginnings of the names that are checked; a name that begins otherwise may belong to another program."""
_LIKENESS = 0.75
"""Least likeness of two names that mean the same, such as `CHEKSUM` and `CHECKSUM` (0.93).

`TAGS` and `TARGETS` (0.73) do not mean the same.
"""
_ADVICE = "Fix the name, or unset it."


def like_ours(present: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """Return the names that begin like a known one of ours, sorted."""
    prefixes = tuple(prefix for prefix in _PREFIXES if any(name.startswith(prefix) for name in known))
    return tuple(sorted(name for name in present if name.startswith(prefixes)))


@lru_cache
def refuse_misspelt(unknown: tuple[str, ...], known: tuple[str, ...]) -> None:
    """Raise if an unknown name is close to a known one. Only the parts after the prefix are compared.

    Raises:
        Misconfigured: an unknown name is close to a known one; both are named.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only where there is something to compare

    for prefix in _PREFIXES:
        rests = [name.removeprefix(prefix) for name in known if name.startswith(prefix)]
        for name in (name for name in unknown if name.startswith(prefix)):
            for meant in get_close_matches(name.removeprefix(prefix), rests, n=1, cutoff=_LIKENESS):
                raise Misconfigured(f"{name} is not known: {prefix}{meant} is", advice=_ADVICE)
