"""R3: what a start may order, and what it must take over instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from tests.model.mishaps import LOSES_ANSWER, MAY_HAVE_BEEN_DONE, ORDERS, SHOWS_NOTHING
from tests.model.reference import NEIGHBOURHOOD, Landed, Making, Reference
from tests.model.things import Thing
from tests.model.world import Call
from workspace_exports.core.errors import ExportError

REFUSALS = {"Throttled", "Unauthorized", "Rejected"}
"""After these the vendor has made nothing."""


@dataclass
class Ordering:
    """R3: whether a start was right to order, and ordered no more than it may.

    Attributes:
        landed: it was archived for ever before.
        found: the one task that a lost answer must have made.
        is_alone: no order that went wrong is near, nor any task of the same.
        looks: how often a start looks for the task of a lost answer.
    """

    reference: Reference
    thing: Thing
    landed: Landed | None
    found: Making | None
    is_alone: bool
    looks: int

    @classmethod
    def before(cls, reference: Reference, thing: Thing, now: datetime, looks: int) -> Self:
        """What is known of it before it is ordered."""
        reference.note_excuses(thing, now)
        near = [
            at
            for at, other in reference.murky
            if abs(now - at) < NEIGHBOURHOOD and other.project_id == thing.project_id and other != thing
        ]
        fresh = [making for making in reference.of(thing) if abs(now - making.task.created_at) < NEIGHBOURHOOD]
        landed = reference.settled_landing(thing) if thing.is_settled(now) else None
        return cls(reference, thing, landed, reference.must_be_found(thing, now), not near and not fresh, looks)

    def after(self, call: Call, new: list[Making], now: datetime, explained: set[str]) -> None:
        """Everything a start has to answer for; what went wrong around it explains some errors."""
        self.reference.note_excuses(self.thing, now, besides=new)
        for making in new:
            assert making.thing == self.thing, f"R3: {making.thing} was ordered in the place of {self.thing}"
        self._ordered_no_more_than_needed(call, new)
        if call.answer:
            self._answered(call, call.answer, new, now)
        elif call.error:
            assert not self.landed or call.storage_failed, (
                f"{self.landed} is archived, and start-export says {call.error}"
            )
            self._refused(call.error, explained, call.began)
        self._noted(call)

    def _ordered_no_more_than_needed(self, call: Call, new: list[Making]) -> None:
        met = call.met.get(self.thing.kind, [])
        lost = met.count(LOSES_ANSWER)
        assert len(new) <= 1 + lost, f"R3: {len(new)} tasks from one order, {lost} answers lost"
        if not new:
            return
        assert self.thing.is_over(call.began), f"{self.thing} was ordered before it was over"
        assert not self.landed, f"R3: ordered again, though archived: {self.landed}"
        seen = call.met.get("list", [])
        is_clean = not (call.storage_failed or seen)
        if self.found and is_clean:
            raise AssertionError(f"R3: the vendor's list shows the lost order's task {self.found.task.task_id}")
        earlier = [one for one in self.reference.of(self.thing) if one not in new]
        needless = [one.task.task_id for one in earlier if one.noted and not one.excuse]
        assert not needless or SHOWS_NOTHING in seen, f"R3: ordered again, though {needless} would have done"
        is_shown = all(making.is_listed(making.task.created_at) for making in new)
        is_clean |= set(seen) == {SHOWS_NOTHING} and len(seen) < self.looks and not call.storage_failed
        if lost and self.is_alone and is_clean and is_shown and not call.died and set(met) <= {LOSES_ANSWER, *ORDERS}:
            assert len(new) == 1, "R3: the vendor's list showed the task of the lost answer"

    def _answered(self, call: Call, answer: Mapping[str, Any], new: list[Making], now: datetime) -> None:
        making = self.reference.makings.get(answer["task_id"])
        assert making, f"{answer['task_id']} is no task of the vendor's"
        assert making.thing == self.thing, f"R3: {making.thing}'s task was taken for {self.thing}'s"
        assert not new or making in new, "R3: a task was made, and another one is gone on with"
        if self.landed:
            assert answer["task_id"] == self.landed.task_id
        elif making not in new and SHOWS_NOTHING not in call.all_met:
            problem = self.reference.unfit(making, call.began) and self.reference.unfit(making, now)
            assert not problem, f"a task was taken over, though {problem}"

    def _refused(self, error: ExportError, explained: set[str], now: datetime) -> None:
        name, allowed = type(error).__name__, explained | self._refusals(now)
        assert name in allowed, f"start-export ended in {name}: {error}; {allowed} can be explained"

    def _refusals(self, now: datetime) -> set[str]:
        is_possible = self.thing.is_over(now) and self.thing.is_within_reach(now)
        return set() if is_possible else {"Rejected"}

    def _noted(self, call: Call) -> None:
        """What the book tells from now on."""
        if call.asked[self.thing.kind] or SHOWS_NOTHING in call.all_met:
            for making in self.reference.of(self.thing):
                making.noted = False
        if call.answer and not call.storage_failed:
            self.reference.makings[call.answer["task_id"]].noted = True
        met = call.met.get(self.thing.kind, [])
        is_refused = type(call.error).__name__ in REFUSALS
        is_murky = call.died or call.storage_failed or (call.error and not is_refused)
        if is_murky or set(met) & MAY_HAVE_BEEN_DONE:
            self.reference.murky.append((call.began, self.thing))
