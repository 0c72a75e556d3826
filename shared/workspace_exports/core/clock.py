"""Time as the bundle uses it: aware, UTC, whole seconds on the wire."""

from datetime import UTC, datetime

from workspace_exports.core.redaction import quoted

WIRE_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def utc_now() -> datetime:
    """The one place that asks the machine for the time."""
    return datetime.now(UTC)


def to_wire(moment: datetime) -> str:
    """`2026-11-20T00:00:00Z`, the vendor's format and ours. Fractions of a second are dropped.

    Not by `strftime`: whether that writes a year before 1000 with four digits depends on the platform.
    """
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"


def from_wire(text: str) -> datetime:
    """The reverse of `to_wire`.

    Raises:
        ValueError: anything but that format; the text says what is expected.
    """
    try:
        return datetime.strptime(text, WIRE_FORMAT).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        raise ValueError(f"must be a UTC time such as 2026-11-20T00:00:00Z, not {quoted(text)}") from None
