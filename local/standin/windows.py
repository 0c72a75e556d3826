"""How the vendor judges the bounds of a window."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from local.standin.parameters import Bounds, Value, Window
from local.standin.refusals import invalid

Span = tuple[datetime, datetime]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How records are compared with the bounds, which is not documented.

    ``whole_seconds`` compares a record without its fraction of a second.
    """

    whole_seconds: bool = False
    start_inclusive: bool = True
    end_inclusive: bool = True

    def holds(self, span: Span, moment: datetime) -> bool:
        """Answer whether a record of that moment is in the file."""
        compared = moment.replace(microsecond=0) if self.whole_seconds else moment
        started = span[0] <= compared if self.start_inclusive else span[0] < compared
        return started and (compared <= span[1] if self.end_inclusive else compared < span[1])


_UTC_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


_UTC_MILLISECONDS = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)


def parse_milliseconds(written: str) -> datetime:
    """Read the one spelling the documentation of sessions shows; raises ValueError on any other."""
    if not _UTC_MILLISECONDS.fullmatch(written):
        raise ValueError(written)
    return datetime.strptime(written, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


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
    start, end = _bound(parameters, window.start), _bound(parameters, window.end)
    if start is None and end is None and window.bounds is not Bounds.BOTH_OR_NEITHER:
        raise invalid(window.start, f"give {window.bounds.value} of {window.start} and {window.end}")
    for name, value, other in ((window.start, start, end), (window.end, end, start)):
        if value is None and (window.bounds is Bounds.BOTH or _is_torn(window, other)):
            raise invalid(name, "it is mandatory")
        _refuse_outside(window, name, value, now)
    return _ordered(window, start or now - timedelta(days=window.days), end or now)


def _is_torn(window: Window, other: datetime | None) -> bool:
    """Answer whether a bound is missing beside the other, where both or neither must be given."""
    return window.bounds is Bounds.BOTH_OR_NEITHER and other is not None


def _bound(parameters: Mapping[str, Value], name: str) -> datetime | None:
    written = parameters.get(name)
    if written is None:
        return None
    return parse_milliseconds(str(written)) if "." in str(written) else parse_utc(str(written))


def _refuse_outside(window: Window, name: str, value: datetime | None, now: datetime) -> None:
    if value is None:
        return
    if value < now - timedelta(days=window.days):
        raise invalid(name, f"it must be within the last {window.days} days")
    if value.date() > now.date():
        raise invalid(name, "it is in the future")


def _ordered(window: Window, start: datetime, end: datetime) -> Span:
    if start > end:
        raise invalid(window.start, f"it is later than {window.end}")
    if end - start > timedelta(days=window.days):
        raise invalid(window.end, f"the range is longer than {window.days} days")
    return start, end
