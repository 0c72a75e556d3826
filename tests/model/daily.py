"""The functions around the export of one day: what is planned, reported, shown and recorded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from local.standin.accounts import DEMO_PROJECT_ID
from tests.model.mishaps import Mishap
from tests.model.promises import Judge
from tests.model.reference import LONGEST_EXPORT, LONGEST_MAKING
from tests.model.things import (
    A_DAY,
    KINDS,
    LONGEST_RUN,
    Thing,
    gone_at,
    moment,
    oldest_planned,
    settled_day,
    whole_day,
)
from tests.model.world import Call
from workspace_exports.archive.layout import run_began_at


@dataclass(frozen=True)
class Planned:
    """A run by name, and what it is to export."""

    run: str
    exports: list[dict[str, Any]]

    def __repr__(self) -> str:
        return f"Planned({self.run!r}, {len(self.exports)} exports)"


class Daily:
    """Calls those functions, and compares what they say with the reference."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._reference = judge.reference

    def plan(self, request: Mapping[str, Any], mishap: Mishap = None) -> Planned | None:
        """plan-archive for one kind; None where there is no plan. R7: it has every missing day, and no other."""
        (kind,) = request["kinds"]
        now = self._judge.world.clock()
        first, last = (request.get(name) and date.fromisoformat(request[name]) for name in ("first_day", "last_day"))
        call = self._judge.perform("plan-archive", request, mishap)
        self._sees_since(kind, None if first else oldest_planned(kind, now))
        self._sees_asked(kind, first, last)
        if call.answer is None:
            is_wrong = bool(first and (gone_at(kind, first) < now or (last or first) >= now.date()))
            refused = {"Rejected"} if is_wrong else set()
            assert call.died or type(call.error).__name__ in self._judge.may_end_in(call) | refused, call.error
            return None
        first, last = first or oldest_planned(kind, now), last or settled_day(kind, now)
        every = [first + n * A_DAY for n in range((last - first).days + 1)]
        missing = [day for day in every if day not in self._reference.days(kind, DEMO_PROJECT_ID)]
        planned: list[dict[str, Any]] = self._judge.world.document(f"runs/{call.answer['run']}/plan.json")
        assert [one["export"]["day"] for one in planned] == [day.isoformat() for day in missing], (
            "R7: the plan is wrong"
        )
        assert call.answer["planned"] == len(planned)
        if request.get("first_day"):
            things = ({"kind": kind, "project_id": DEMO_PROJECT_ID, "day": day.isoformat()} for day in every)
            assert self._reference.asked.issuperset(map(Thing.of, things)), "R7: what was planned by hand is not noted"
        return Planned(call.answer["run"], [one["export"] for one in planned])

    def _sees_asked(self, kind: str, first: date | None, last: date | None) -> None:
        """R7: the days that were planned by hand stand too."""
        key = f"since/kind={kind}/project_id={DEMO_PROJECT_ID}/days={first}--{last}.json"
        if first and last and key in self._judge.world.objects("since/"):
            days = (first + n * A_DAY for n in range((last - first).days + 1))
            things = ({"kind": kind, "project_id": DEMO_PROJECT_ID, "day": day.isoformat()} for day in days)
            self._reference.asked.update(map(Thing.of, things))

    def _sees_since(self, kind: str, planned: date | None) -> None:
        """R7: the first day that was ever planned stands, so that no lost day is forgotten."""
        noted = self._judge.world.objects("since/")
        key = f"since/kind={kind}/project_id={DEMO_PROJECT_ID}.json"
        if kind in self._reference.since:
            assert key in noted, f"R7: {key} is gone"
        if key in noted:
            first = date.fromisoformat(self._judge.world.document(key)["first_day"])
            assert first == self._reference.since.get(kind, planned), f"R7: {kind} is complete from {first} on"
            self._reference.since[kind] = first

    def report(self, plan: Planned, mishap: Mishap = None) -> None:
        """report-archive: every planned day counted, every day in danger named (R7)."""
        call = self._judge.perform("report-archive", {"run": plan.run}, mishap)
        if call.answer is None:
            assert call.died or call.storage_failed, call.error
            return
        if call.storage_failed:
            return
        report = self._judge.world.document(f"runs/{plan.run}/report.json")
        for words, word in (("days_lost", "lost"), ("days_at_risk", "at-risk")):
            told = {(one["kind"], one["day"]) for one in report[words]}
            assert told == self._in_danger(call, word), f"R7: {words} are {sorted(told)}"
        planned = plan.exports
        assert report["planned"] == len(planned)
        archived = [day for day in planned if self._reference.settled_landing(Thing.of(day))]
        # What was planned before it had settled counts by what that order brought.
        if all(Thing.of(day).is_settled(run_began_at(plan.run)) for day in planned):
            counted = report["landed"] + report["already_there"] + report["empty"]
            assert counted == len(archived), f"{len(archived)} days are archived, the report says {counted}"
            assert report["under_way"] + report["failed"] == len(planned) - len(archived)

    def _in_danger(self, call: Call, word: str) -> set[tuple[str, str]]:
        days = {
            kind: self._reference.in_danger(kind, DEMO_PROJECT_ID, call.began, word)
            for kind, rules in KINDS.items()
            if rules.reach
        }
        return {(kind, day.isoformat()) for kind, found in days.items() for day in found}

    def cover(self, mishap: Mishap = None) -> None:
        """show-coverage: what readers are told is what has landed, and how the rest stands."""
        self._judge.world.clock.advance(seconds=61)
        call = self._judge.perform("show-coverage", {}, mishap)
        if call.answer is None:
            assert call.died or call.storage_failed, call.error
            return
        if call.storage_failed:
            return
        self._reference.under_way = {thing for thing in self._reference.failed if self._is_under_way(thing, call.began)}
        for series in call.answer["series"]:
            kind = KINDS.get(series["kind"])
            if kind and kind.reach and not series.get("filters"):
                self._covers(series, call)

    def _is_under_way(self, thing: Thing, now: datetime) -> bool:
        """Whether something may still come of an order that is later than the failure on record."""
        name = f"kind={thing.kind}/project_id={thing.project_id}/day={thing.whole_day}.json"
        order = json.loads(self._judge.world.store.read(f"orders/by-window/{name}") or b"null")
        ordered_at = moment(order["ordered_at"]) if order else None
        failed_at = moment(self._judge.world.document(f"failures/{name}")["at"])
        return bool(ordered_at and failed_at and now - ordered_at <= LONGEST_EXPORT and failed_at < ordered_at)

    def _covers(self, series: Mapping[str, Any], call: Call) -> None:
        kind, project_id = series["kind"], series["project_id"]
        told = {date.fromisoformat(day["day"]): day["status"] for day in series["days"]}
        assert call.answer
        first, last = (date.fromisoformat(call.answer[name]) for name in ("first_day", "last_day"))
        assert last - first >= 399 * A_DAY
        standing = self._reference.standing(kind, project_id, call.began)
        known = {day: word for day, word in standing.items() if day >= first}
        wrong = {
            day: (told.get(day), known.get(day))
            for day in told.keys() | known.keys()
            if told.get(day) != known.get(day)
        }
        assert not wrong, f"R7: told and true of {kind} differ: {wrong}"
        for day in series["days"]:
            if day["status"] == "failed":
                failure = self._judge.world.document(
                    f"failures/kind={kind}/project_id={project_id}/day={day['day']}.json"
                )
                assert (day["error"], day["what"]) == (failure["error"], failure["what"][:300]), "R8: told otherwise"
            if day["status"] in {"archived", "empty"}:
                landed = self._reference.settled_landing(whole_day(kind, project_id, date.fromisoformat(day["day"])))
                assert landed
                assert (day["sha256"], day["task_id"]) == (landed.sha256, landed.task_id)

    def record(self, failed: Call, mishap: Mishap = None) -> None:
        """record-failure: R8, what a failure says survives the state machine."""
        error, event = failed.error, failed.event
        assert error
        caught = {"Error": type(error).__name__, "Cause": json.dumps({"errorMessage": str(error)})}
        export = event if "task_id" in event else None
        call = self._judge.perform(
            "record-failure", {"request": event, "state": {"export": export, "failure": caught}}, mishap
        )
        if call.answer is None:
            assert call.died, call.error
        else:
            told = call.answer
            assert (told["error"], told["kind"]) == (type(error).__name__, event["kind"])
            assert told.get("task_id") == error.task_id, "R8: the task is lost on the way"
            assert told.get("vendor_code") == error.vendor_code, "R8: the vendor's code is lost on the way"
            assert told["advice"], "R8: no advice"
        thing = Thing.of(event, DEMO_PROJECT_ID)
        key = f"failures/kind={thing.kind}/project_id={thing.project_id}/day={thing.whole_day}.json"
        if thing.whole_day and key in self._judge.world.objects("failures/"):
            self._reference.failed.add(thing)
        elif thing.whole_day and call.answer:
            assert call.storage_failed, f"R8: {key} is not there"

    def has_saved_what_could_be_saved(self, kind: str, began: datetime, planned_at: datetime) -> None:
        """R7: after the storm every day is archived that the vendor still had once no stuck task was in the way."""
        for day in self._reference.missing(kind, DEMO_PROJECT_ID, planned_at):
            thing = whole_day(kind, DEMO_PROJECT_ID, day)
            is_stuck = any(making.is_stuck for making in self._reference.of(thing))
            waits = LONGEST_MAKING + A_DAY if is_stuck else timedelta()
            assert gone_at(kind, day) < began + waits + LONGEST_RUN, f"R7: {kind} of {day} could have been archived"
