"""What the archive and the vendor must come to, by what is documented: a model that knows none of the product's code.

It is told of every call, and of what can be seen after it, and says what contradicts a promise. R1 and the like are
the promises' numbers.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.tasks import Task
from tests.model.statements import Statements, by_thing
from tests.model.things import A_DAY, LONGEST_CALL, Place, Thing, gone_at, settled_day, whole_day

KNOWN_WORDS = {None, "CREATING", "SUCCESS", "FAIL", "EXPIRED"}
"""Of the vendor for a task; None where its list shows none."""
UNSEEN_GRACE = timedelta(seconds=60)
"""For so long after its order a task may be absent from the vendor's list."""
POLL_DEADLINE = timedelta(hours=1)
REPEAT = timedelta(minutes=10)
"""An order of the same thing within this time is the same order."""
REPEAT_OF_WHAT_IS_BEING_MADE = timedelta(hours=1)
LONGEST_MAKING = timedelta(hours=48)
LONGEST_EXPORT = timedelta(hours=72)
"""Nobody waits for anything from an older order."""
NEIGHBOURHOOD = timedelta(minutes=20)
"""Orders this close may have made the task of a lost answer: two minutes, and fifteen of skew."""
LEFT_ALONE = timedelta(minutes=5)
"""For so long credentials that were refused are not tried again."""
AT_RISK = timedelta(days=7)


@dataclass
class Making:
    """One task of the vendor's, and what the product can know of it.

    Attributes:
        task: as it was seen last.
        noted: a start has answered with it, undisturbed: the book has it.
        excuse: why another order of the same was right, once it was.
        is_given_up: a fetch has found it beyond help, and has said so in the book.
        is_revoked: its result was revoked.
        is_gone: the vendor has it no more.
    """

    task: Task
    thing: Thing
    noted: bool = False
    excuse: str | None = None
    is_given_up: bool = False
    is_revoked: bool = False
    is_gone: bool = False

    def is_listed(self, now: datetime) -> bool:
        """Whether the vendor shows it."""
        return not self.is_gone and self.task.is_listed_at(now)

    @property
    def has_no_data(self) -> bool:
        """Whether it fails because there is nothing to export."""
        return self.task.fate.fail_reason == "No data"

    @property
    def is_stuck(self) -> bool:
        """Whether it keeps its window waiting by not ending."""
        return math.isinf(self.task.task_seconds)

    def status(self, now: datetime) -> str | None:
        """The vendor's word; None where it shows none."""
        return self.task.status_at(now) if self.is_listed(now) else None


@dataclass(frozen=True)
class Landed:
    """What a manifest said when it was first seen.

    Attributes:
        key: of the data; None for a window that the vendor has nothing of.
        manifest_key: where it is; of what was taken back, where it is kept.
    """

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
        revoked: what was taken back.
        makings: the vendor's tasks, by id.
        since: from which day on a kind is to be complete.
        asked: the days that a run by hand has planned.
        failed: of what a failure is on record.
        under_way: those of which a later order is under way.
        statements: what tasks have said that is not believed of one alone.
        murky: when and of what an order may have made a task that the book does not tell.
    """

    landed: dict[Place, Landed] = field(default_factory=dict)
    revoked: list[Landed] = field(default_factory=list)
    makings: dict[str, Making] = field(default_factory=dict)
    since: dict[str, date] = field(default_factory=dict)
    asked: set[Thing] = field(default_factory=set)
    failed: set[Thing] = field(default_factory=set)
    under_way: set[Thing] = field(default_factory=set)
    statements: defaultdict[Thing, Statements] = field(default_factory=by_thing)
    murky: list[tuple[datetime, Thing]] = field(default_factory=list)

    def settled_landing(self, thing: Thing) -> Landed | None:
        """What stands for it for ever."""
        return self.landed.get(Place(thing, None))

    @property
    def all_landed(self) -> list[Landed]:
        """What has landed, taken back or not."""
        return [*self.landed.values(), *self.revoked]

    def take_back(self, place: Place, kept_under: str) -> None:
        """The day counts as missing from now on, and its task brings nothing any more."""
        landed = self.landed.pop(place)
        self.revoked.append(replace(landed, manifest_key=kept_under))
        self.makings[landed.task_id].is_revoked = True
        self.failed.add(place.thing)
        self.statements.pop(place.thing, None)

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
        if making.is_revoked:
            return "its result was revoked"
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
        if making.is_revoked:
            return "its result was revoked"
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
        is_hopeless = status in {"FAIL", "EXPIRED"} or (
            status not in {"CREATING", "SUCCESS"} and age > UNSEEN_GRACE + LONGEST_CALL
        )
        return making.excuse if making.is_given_up else f"it is {status}" if is_hopeless else None

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

    def expect_stranger(self, at: datetime, project_id: str) -> None:
        """Somebody orders in the vendor's console: from the list alone nobody can tell what."""
        self.murky.append((at, Thing("ordered by hand", project_id, None, None, ())))

    def _recent(self, now: datetime) -> list[tuple[datetime, Thing]]:
        return [(at, thing) for at, thing in self.murky if abs(now - at) < NEIGHBOURHOOD]

    # How days stand

    def whole_days(self) -> list[Thing]:
        """The days that an operator can take back, of all kinds and projects, in order."""
        return sorted(place.thing for place in self.landed if place.ordered_at is None and place.thing.whole_day)

    def days(self, kind: str, project_id: str) -> set[date]:
        """Those that are archived, whole, unfiltered and settled."""
        things = {place.thing for place in self.landed if place.ordered_at is None}
        own = {thing for thing in things if (thing.kind, thing.project_id) == (kind, project_id)}
        return {thing.whole_day for thing in own if thing.whole_day}

    def standing(self, kind: str, project_id: str, now: datetime) -> dict[date, str]:
        """How each day stands that anybody is to be told of."""
        archived = {day: self._archived(kind, project_id, day) for day in self.days(kind, project_id)}
        absent = {*self.missing(kind, project_id, now), *self._asked_for(kind, project_id, now)} - archived.keys()
        return archived | {day: self._absent(kind, project_id, day, now) for day in absent}

    def _asked_for(self, kind: str, project_id: str, now: datetime) -> set[date]:
        """The days that are over and were planned by hand, or of which a failure is on record."""
        own = {
            thing
            for thing in self.asked | self.failed
            if (thing.kind, thing.project_id, thing.filters) == (kind, project_id, ())
        }
        return {thing.whole_day for thing in own if thing.whole_day and thing.whole_day < now.date()}

    def _archived(self, kind: str, project_id: str, day: date) -> str:
        landed = self.settled_landing(whole_day(kind, project_id, day))
        return "archived" if landed and landed.key else "empty"

    def missing(self, kind: str, project_id: str, now: datetime) -> list[date]:
        """The settled days since the first that was planned, that are not archived."""
        since, last = self.since.get(kind) if project_id == DEMO_PROJECT_ID else None, settled_day(kind, now)
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
        return "failed" if whole_day(kind, project_id, day) in self.failed - self.under_way else "missing"
