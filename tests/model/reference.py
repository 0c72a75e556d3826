"""What the archive and the vendor must come to, by what is documented: a model that knows none of the product's code.

It is told of every call, and of what can be seen after it, and says what contradicts a promise. R1 and the like are
the promises' numbers.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

from local.standin import Task

KNOWN_WORDS = {None, "CREATING", "SUCCESS", "FAIL", "EXPIRED"}
"""Of the vendor for a task; None where its list shows none."""
UNSEEN_GRACE = timedelta(seconds=60)
"""For so long after its order a task may be absent from the vendor's list."""
POLL_DEADLINE = timedelta(hours=1)
REPEAT = timedelta(minutes=10)
"""An order of the same thing within this time is the same order."""
REPEAT_OF_WHAT_IS_BEING_MADE = timedelta(hours=1)
LONGEST_MAKING = timedelta(hours=48)
LONGEST_CALL = timedelta(seconds=30)
LONGEST_RUN = timedelta(hours=6)
"""Kept from the far edge of the vendor's window."""
NEIGHBOURHOOD = timedelta(minutes=20)
"""Orders this close may have made the task of a lost answer: two minutes, and fifteen of skew."""
LEFT_ALONE = timedelta(minutes=5)
"""For so long credentials that were refused are not tried again."""
AT_RISK = timedelta(days=7)
A_DAY = timedelta(days=1)


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
        """What the vendor was asked for."""
        given = dict(task.report.parameters)
        bounds = {name: given.pop(name, None) for name in ("start_time", "end_time")}
        return cls.of({"kind": task.kind, "project_id": task.report.project_id, "filters": given, **bounds})

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
        """Whether nothing of it lies ahead."""
        return all(bound <= now for bound in (self.start, self.end) if bound)


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


@dataclass
class Making:
    """One task of the vendor's, and what the product can know of it.

    Attributes:
        task: as it was seen last.
        noted: a start has answered with it, undisturbed: the book has it.
        excuse: why another order of the same was right, once it was.
        is_given_up: a fetch has found it beyond help, and has said so in the book.
        is_gone: the vendor has it no more.
    """

    task: Task
    thing: Thing
    noted: bool = False
    excuse: str | None = None
    is_given_up: bool = False
    is_gone: bool = False

    def is_listed(self, now: datetime) -> bool:
        """Whether the vendor shows it."""
        return not self.is_gone and self.task.is_listed_at(now)

    @property
    def is_stuck(self) -> bool:
        """Whether it may keep its window waiting: by not ending, or in a word that somebody has to explain first."""
        return self.task.task_seconds > 0 or self.task.fate.ending not in KNOWN_WORDS

    def status(self, now: datetime) -> str | None:
        """The vendor's word; None where it shows none."""
        return self.task.status_at(now) if self.is_listed(now) else None


@dataclass(frozen=True)
class Landed:
    """What a manifest said when it was first seen."""

    key: str | None
    manifest_key: str
    task_id: str
    sha256: str
    size_bytes: int
    landed_at: datetime


@dataclass
class Reference:
    """Vendor and archive as they must be.

    Attributes:
        landed: by place, with what the manifest said.
        makings: the vendor's tasks, by id.
        since: from which day on a kind is to be complete.
        failed: of what a failure is on record.
        murky: when and of what an order may have made a task that the book does not tell.
    """

    landed: dict[Place, Landed] = field(default_factory=dict)
    makings: dict[str, Making] = field(default_factory=dict)
    since: dict[str, date] = field(default_factory=dict)
    failed: set[Thing] = field(default_factory=set)
    murky: list[tuple[datetime, Thing]] = field(default_factory=list)

    def settled_landing(self, thing: Thing) -> Landed | None:
        """What stands for it for ever."""
        return self.landed.get(Place(thing, None))

    def of(self, thing: Thing) -> list[Making]:
        """Its tasks, oldest first."""
        return [making for making in self.makings.values() if making.thing == thing]

    # What the vendor has

    def see_tasks(self, tasks: Iterable[Task]) -> list[Making]:
        """Takes in what the vendor has now; the tasks that are new."""
        seen = {task.task_id: task for task in tasks}
        new = [Making(task, Thing.of_task(task)) for one, task in seen.items() if one not in self.makings]
        for task_id, making in self.makings.items():
            making.is_gone |= task_id not in seen
            making.task = seen.get(task_id, making.task)
        self.makings |= {making.task.task_id: making for making in new}
        return new

    def note_excuses(self, thing: Thing, now: datetime, besides: Collection[Making] = ()) -> None:
        """While a thing is ordered: which of its tasks will not do, now or ever again."""
        for making in (one for one in self.of(thing) if one not in besides):
            making.excuse = making.excuse or self.excuse(making, now)

    def excuse(self, making: Making, now: datetime) -> str | None:
        """The documented reason to order anew in spite of that task; None where it must be taken over (R3)."""
        age = now - making.task.created_at
        status, settles_at = making.status(now), making.thing.settles_at
        if status not in {None, "CREATING", "SUCCESS"}:
            return f"the vendor says {status}"
        if status is None and age > UNSEEN_GRACE - LONGEST_CALL and not self._has_landed(making.task.task_id):
            return "the vendor does not list it"
        if settles_at and making.task.created_at >= settles_at + LONGEST_CALL:
            is_stuck = status == "CREATING" and age > LONGEST_MAKING - LONGEST_CALL
            return "it takes too long" if is_stuck else None
        if settles_at and now >= settles_at - LONGEST_CALL:
            return "it was ordered before the window had settled"
        lifetime = REPEAT_OF_WHAT_IS_BEING_MADE if status == "CREATING" else REPEAT
        return "it is of another time" if age > lifetime - LONGEST_CALL else None

    def unfit(self, making: Making, now: datetime) -> str | None:
        """Why that task must not be taken over."""
        age, status, settles_at = now - making.task.created_at, making.status(now), making.thing.settles_at
        if settles_at and making.task.created_at >= settles_at + LONGEST_CALL:
            is_too_old = status == "CREATING" and age > LONGEST_MAKING + LONGEST_CALL
        elif settles_at and now >= settles_at + LONGEST_CALL:
            is_too_old = making.task.created_at < settles_at
        else:
            is_too_old = age > REPEAT_OF_WHAT_IS_BEING_MADE + LONGEST_CALL
        if is_too_old:
            return "it is of another time"
        if self._has_landed(making.task.task_id):
            return None
        return making.excuse if making.is_given_up else f"it is {status}" if status in {"FAIL", "EXPIRED"} else None

    def _has_landed(self, task_id: str) -> bool:
        return any(landed.task_id == task_id for landed in self.landed.values())

    def must_be_found(self, thing: Thing, now: datetime) -> Making | None:
        """The task of an order whose answer nobody has, where the vendor's list can only mean that one (R3)."""
        last = [making for making in self.of(thing) if abs(now - making.task.created_at) < NEIGHBOURHOOD]
        is_alone = not any(other != thing and other.project_id == thing.project_id for _, other in self._recent(now))
        if len(last) != 1 or not is_alone or last[0].noted or last[0].excuse:
            return None
        (lost,) = last
        is_fresh = now - lost.task.created_at <= REPEAT - LONGEST_CALL
        is_shown = lost.status(now) in {"CREATING", "SUCCESS"} and not lost.task.is_download
        return lost if is_fresh and is_shown else None

    def _recent(self, now: datetime) -> list[tuple[datetime, Thing]]:
        return [(at, thing) for at, thing in self.murky if abs(now - at) < NEIGHBOURHOOD]

    # How days stand

    def days(self, kind: str, project_id: str) -> set[date]:
        """Those that are archived, whole, unfiltered and settled."""
        things = {place.thing for place in self.landed if place.ordered_at is None}
        own = {thing for thing in things if (thing.kind, thing.project_id) == (kind, project_id)}
        return {thing.whole_day for thing in own if thing.whole_day}

    def standing(self, kind: str, project_id: str, now: datetime) -> dict[date, str]:
        """How each day stands that anybody is to be told of."""
        archived = dict.fromkeys(self.days(kind, project_id), "archived")
        return archived | {day: self._absent(kind, project_id, day, now) for day in self.missing(kind, project_id, now)}

    def missing(self, kind: str, project_id: str, now: datetime) -> list[date]:
        """The settled days since the first that was planned, that are not archived."""
        since, last = self.since.get(kind), settled_day(kind, now)
        every = [since + n * A_DAY for n in range((last - since).days + 1)] if since else []
        return [day for day in every if day not in self.days(kind, project_id)]

    def in_danger(self, kind: str, project_id: str, now: datetime, danger: str) -> list[date]:
        """The missing days that are at risk, or lost."""
        standing = self.standing(kind, project_id, now)
        return sorted(day for day, word in standing.items() if word == danger)

    def _absent(self, kind: str, project_id: str, day: date, now: datetime) -> str:
        gone = gone_at(kind, day)
        if gone < now:
            return "lost"
        if gone < now + AT_RISK:
            return "at-risk"
        thing = Thing.of({"kind": kind, "project_id": project_id, "day": day.isoformat()})
        return "failed" if thing in self.failed else "missing"


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
