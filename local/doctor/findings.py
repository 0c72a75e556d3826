"""What a check can come to."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended; only FAILED is anybody's fault."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """How one check ended, in words for a terminal: never a secret, a token or the query of a URL.

    Attributes:
        status: how it ended.
        said: what was found.
        remedy: what to do about it; every failure has one.
        details: further lines, where one does not do.
    """

    status: Status
    said: str
    remedy: str | None = None
    details: tuple[str, ...] = ()


def ok(said: str) -> Finding:
    """All is as it should be."""
    return Finding(Status.OK, said)


def failed(said: str, remedy: str) -> Finding:
    """Something is wrong, and this is what to do about it."""
    return Finding(Status.FAILED, said, remedy)


def skipped(said: str) -> Finding:
    """Not looked at: it would only have failed for the same reason as an earlier check."""
    return Finding(Status.SKIPPED, said)


def unknown(said: str, *details: str) -> Finding:
    """It cannot be told from here, which is no failure."""
    return Finding(Status.UNKNOWN, said, details=details)
