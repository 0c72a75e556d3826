"""What can be asked for, where it lands, and until when it can be had, by what is documented."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self, cast

from local.standin.tasks import Task

MARGIN = timedelta(seconds=2)
A_DAY = timedelta(days=1)
LONGEST_CALL = timedelta(seconds=30)
LONGEST_RUN = timedelta(hours=6)
"""Kept from the far edge of the vendor's window."""


@dataclass(frozen=True)
class Kind:
    """What the documents say of one kind.

    Attributes:
        reach: how far back the vendor answers; None for a snapshot.
        settles_after: how long after its end a day may gain records.
        defaults: filters that say what leaving them out says.
    """

    reach: timedelta | None
    settles_after: timedelta
    defaults: Mapping[str, str] = field(default_factory=dict)


KINDS = {
    "connection-records": Kind(30 * A_DAY, timedelta(hours=3), {"language": "en_US"}),
    "user-usage": Kind(30 * A_DAY, timedelta(hours=17)),
    "users": Kind(None, timedelta(), {"language": "en_US", "active_type": "USER_ACTIVATE"}),
}


def moment(text: str | None) -> datetime | None:
    """A time on the wire."""
    return None if text is None else datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@dataclass(frozen=True, order=True)
class Thing:
    """What can be asked for, whenever it is; a whole day is a window like any other."""

    kind: str
    project_id: str
    start: datetime | None
    end: datetime | None
    filters: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, document: Mapping[str, Any], project_id: str | None = None) -> Self:
        """Of a request, an event, or a manifest, whose window stands apart."""
        window = document.get("window") or document
        start, end = moment(window.get("start_time")), moment(window.get("end_time"))
        if window.get("day"):
            start = datetime.combine(date.fromisoformat(window["day"]), time(), UTC)
            end = start + A_DAY - timedelta(seconds=1)
        kind = document["kind"]
        return cls(kind, document.get("project_id") or project_id or "", start, end, _filters(kind, document))

    @classmethod
    def of_task(cls, task: Task) -> Self:
        """The export that the vendor was asked for: the order's last second is two seconds before the bound sent."""
        given = dict(task.report.parameters)
        start, end = (moment(cast("str | None", given.pop(name, None))) for name in ("start_time", "end_time"))
        filters = _filters(task.kind, {"filters": given})
        return cls(task.kind, task.report.project_id, start, end and end - MARGIN, filters)

    @property
    def rule(self) -> Kind:
        """Its kind's."""
        return KINDS[self.kind]

    @property
    def whole_day(self) -> date | None:
        """The day, where it is one and unfiltered: what the daily run and the coverage are about."""
        is_day = self.start and self.end == self.start + A_DAY - timedelta(seconds=1) and self.start.time() == time()
        return self.start.date() if self.start and is_day and not self.filters else None

    @property
    def request(self) -> dict[str, str]:
        """As the whole day is asked for."""
        return {"kind": self.kind, "project_id": self.project_id, "day": str(self.whole_day)}

    @property
    def settles_at(self) -> datetime | None:
        """From then on the vendor has all it will ever have; None where that depends on when it is asked."""
        if self.start is None or self.end is None:
            return None
        return datetime.combine(self.end.date() + A_DAY, time(), UTC) + self.rule.settles_after

    def is_settled(self, at: datetime) -> bool:
        """Whether it had all by then."""
        return self.settles_at is not None and at >= self.settles_at

    def is_within_reach(self, now: datetime) -> bool:
        """Whether the vendor still makes a file of it."""
        bounds = [bound for bound in (self.start, self.end) if bound]
        return self.rule.reach is None or all(bound >= now - self.rule.reach for bound in bounds)

    def is_over(self, now: datetime) -> bool:
        """Whether the vendor can be asked for all of it, its margin included."""
        return (not self.start or self.start <= now) and (not self.end or self.end + MARGIN <= now)


def _filters(kind: str, document: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    given = document.get("filters") or {}
    return tuple(sorted((name, value) for name, value in given.items() if KINDS[kind].defaults.get(name) != value))


@dataclass(frozen=True)
class Place:
    """Where a thing lands: once for all, or, where it had not settled when it was ordered, once for every order."""

    thing: Thing
    ordered_at: datetime | None

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        """Of an ordered export, or of a manifest."""
        thing, ordered_at = Thing.of(document), moment(document["ordered_at"])
        assert ordered_at
        return cls(thing, None if thing.is_settled(ordered_at) else ordered_at)


def whole_day(kind: str, project_id: str, day: date) -> Thing:
    """A day of a kind, unfiltered."""
    return Thing.of({"kind": kind, "project_id": project_id, "day": day.isoformat()})


def gone_at(kind: str, day: date) -> datetime:
    """Until when the vendor has that day."""
    reach = KINDS[kind].reach
    assert reach
    return datetime.combine(day, time(), UTC) + reach


def settled_day(kind: str, now: datetime) -> date:
    """The newest day that is complete."""
    return (now - KINDS[kind].settles_after).date() - A_DAY


def oldest_planned(kind: str, now: datetime) -> date:
    """The first day that the vendor will still have six hours later."""
    day = now.date() - 31 * A_DAY
    while gone_at(kind, day) < now + LONGEST_RUN:
        day += A_DAY
    return day
