"""Time as the bundle uses it: aware, UTC, in its own contracts in whole seconds."""

from datetime import UTC, datetime
from typing import Literal

from workspace_exports.core.redaction import quoted

Precision = Literal["seconds", "milliseconds"]

WIRE_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def utc_now() -> datetime:
    """Return the current time in UTC. No other function of this library reads the wall clock."""
    return datetime.now(UTC)


def to_wire(moment: datetime, precision: Precision = "seconds") -> str:
    """Return the moment as text such as `2026-11-20T00:00:00Z`: the vendor's format and ours.

    Smaller fractions of a second than `precision` are dropped. `strftime` is not used: its number of digits for a year
    before 1000 depends on the platform.
    """
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision)}Z"


def from_wire(text: str) -> datetime:
    """Return the moment that a text in the format of `to_wire` stands for.

    Raises:
        ValueError: the text has another format; the error says which one is expected.
    """
    try:
        return datetime.strptime(text, WIRE_FORMAT).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        raise ValueError(f"must be a UTC time such as 2026-11-20T00:00:00Z, not {quoted(text)}") from None
