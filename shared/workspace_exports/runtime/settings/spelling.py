"""Variables of ours that are misspelt: without this they would be passed over, and the default would count."""

from collections.abc import Iterable
from functools import lru_cache

from workspace_exports.core.errors import Misconfigured

_PREFIXES = ("ARCHIVE_", "AT_RISK_", "DELETE_AFTER_", "HUAWEICLOUD_SDK_", "IAM_", "POLL_", "VENDOR_", "WORKSPACE_")
"""Names that begin otherwise may belong to other programs."""
_LIKENESS = 0.75
"""From here on two names mean the same: `CHEKSUM` and `CHECKSUM` (0.93) do, `TAGS` and `TARGETS` (0.73) do not."""
_ADVICE = "Mend the name, or unset it."


def like_ours(present: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    """The names that begin like a known one of ours, sorted."""
    prefixes = tuple(prefix for prefix in _PREFIXES if any(name.startswith(prefix) for name in known))
    return tuple(sorted(name for name in present if name.startswith(prefixes)))


@lru_cache
def refuse_misspelt(unknown: tuple[str, ...], known: tuple[str, ...]) -> None:
    """Compares what follows the prefix.

    Raises:
        Misconfigured: an unknown name is close to a known one; both are named.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only where there is something to compare

    for prefix in _PREFIXES:
        rests = [name.removeprefix(prefix) for name in known if name.startswith(prefix)]
        for name in (name for name in unknown if name.startswith(prefix)):
            for meant in get_close_matches(name.removeprefix(prefix), rests, n=1, cutoff=_LIKENESS):
                raise Misconfigured(f"{name} is not known: {prefix}{meant} is", advice=_ADVICE)
