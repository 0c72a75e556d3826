"""Results of a check."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Status of a check; only FAILED is a fault."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of one check, in words for a terminal: never a secret, a token or the query of a URL.

    Attributes:
        status: its status.
        said: the observation.
        remedy: the next step; every failure has one.
        details: further lines.
    """

    status: Status
    said: str
    remedy: str | None = None
    details: tuple[str, ...] = ()


def ok(said: str) -> CheckResult:
    """Return the result of a check that found no fault."""
    return CheckResult(Status.OK, said)


def failed(said: str, remedy: str) -> CheckResult:
    """Return the result of a check that found a fault, with the remedy."""
    return CheckResult(Status.FAILED, said, remedy)


def skipped(said: str) -> CheckResult:
    """Return the result of a check that would only fail for the same reason as an earlier one."""
    return CheckResult(Status.SKIPPED, said)


def unknown(said: str, *details: str) -> CheckResult:
    """Return the result of a check that is not possible from here; it is no failure."""
    return CheckResult(Status.UNKNOWN, said, details=details)
