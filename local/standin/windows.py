"""How the vendor judges start_time and end_time."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from local.standin.parameters import Bounds, Value, Window
from local.standin.refusals import invalid

Span = tuple[datetime, datetime]

_UTC_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


def parse_utc(written: str) -> datetime:
    """Read the one spelling the documentation shows; raises ValueError on any other."""
    if not _UTC_TIME.fullmatch(written):
        raise ValueError(written)
    return datetime.strptime(written, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def checked_span(window: Window, parameters: Mapping[str, Value], now: datetime) -> Span:
    """Answer the span asked for, an omitted bound replaced by the window's own, or refuse it.

    The documentation is silent on three points. Bounds later today are let through, because a caller's clock may be
    ahead; neither bound at all is refused; and no span may be longer than the window itself.
    """
    start, end = _bound(parameters, "start_time"), _bound(parameters, "end_time")
    if start is None and end is None:
        raise invalid("start_time", f"give {window.bounds.value} of start_time and end_time")
    for name, value in (("start_time", start), ("end_time", end)):
        if value is None and window.bounds is Bounds.BOTH:
            raise invalid(name, "it is mandatory")
        _refuse_outside(window, name, value, now)
    return _ordered(window, start or now - timedelta(days=window.days), end or now)


def _bound(parameters: Mapping[str, Value], name: str) -> datetime | None:
    written = parameters.get(name)
    return None if written is None else parse_utc(str(written))


def _refuse_outside(window: Window, name: str, value: datetime | None, now: datetime) -> None:
    if value is None:
        return
    if value < now - timedelta(days=window.days):
        raise invalid(name, f"it must be within the last {window.days} days")
    if value.date() > now.date():
        raise invalid(name, "it is in the future")


def _ordered(window: Window, start: datetime, end: datetime) -> Span:
    if start > end:
        raise invalid("start_time", "it is later than end_time")
    if end - start > timedelta(days=window.days):
        raise invalid("end_time", f"the range is longer than {window.days} days")
    return start, end
