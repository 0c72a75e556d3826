"""Time as the bundle uses it: aware, UTC, whole seconds on the wire."""

from datetime import UTC, datetime

from workspace_exports.core.redaction import quoted

WIRE_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def utc_now() -> datetime:
    """Return the current time in UTC. No other function of this library reads the wall clock."""
    return datetime.now(UTC)


def to_wire(moment: datetime) -> str:
    """Return the moment as text such as `2026-11-20T00:00:00Z`: the vendor's format and ours.

    Fractions of a second are dropped. `strftime` is not used: its number of digits for a year before 1000 depends on
    the platform.
    """
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def from_wire(text: str) -> datetime:
    """Return the moment that a text in the format of `to_wire` stands for.

    Raises:
        ValueError: the text has another format; the error says which one is expected.
    """
    try:
        return datetime.strptime(text, WIRE_FORMAT).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        raise ValueError(f"must be a UTC time such as 2026-11-20T00:00:00Z, not {quoted(text)}") from None
