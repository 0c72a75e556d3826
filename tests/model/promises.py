"""Each call compared with the reference: what it did, what it said, and what is there afterwards."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from local.standin import DEMO_PROJECT_ID
from tests.model.mishaps import (
    BAD_AS_A_WHOLE,
    LOSES_ANSWER,
    MAY_HAVE_BEEN_DONE,
    NAMES_NO_TASK,
    ORDERS,
    REPLACES,
    UNAVAILABLE,
    Mishap,
    errors_of,
)
from tests.model.reference import (
    A_DAY,
    KINDS,
    KNOWN_WORDS,
    LEFT_ALONE,
    LONGEST_CALL,
    LONGEST_RUN,
    NEIGHBOURHOOD,
    POLL_DEADLINE,
    UNSEEN_GRACE,
    Landed,
    Making,
    Place,
    Reference,
    Thing,
    gone_at,
    moment,
    oldest_planned,
    settled_day,
)
from tests.model.world import Call, World

ORDERING_ERRORS = {"TaskFailed", "TaskLost", "FileExpired"}
REFUSALS = {"Throttled", "Unauthorized", "Rejected"}


@dataclass(frozen=True)
class Expected:
    """What poll-status or fetch-file must come to, if nothing goes wrong on the way.

    Attributes:
        error: the class it raises; None where it answers.
        status: the vendor's word in the answer.
        asks: whether the vendor has to be asked for that.
    """

    error: str | None = None
    status: str | None = "SUCCESS"
    asks: bool = True


@dataclass(frozen=True)
class Planned:
    """A run by name, and what it is to export."""

    run: str
    exports: list[dict[str, Any]]

    def __repr__(self) -> str:
        return f"Planned({self.run!r}, {len(self.exports)} exports)"


@dataclass
class Judge:
    """Calls the functions in the world, and holds everything against the reference."""

    world: World
    reference: Reference = field(default_factory=Reference)
    calls: int = 0
    _refused_at: datetime | None = None
    _orphans: set[str] = field(default_factory=set)
    _versions: dict[str, str | None] = field(default_factory=dict)

    def perform(self, function: str, event: Mapping[str, Any], mishap: Mishap = None) -> Call:
        """Calls the handler; every promise that can be seen is checked afterwards."""
        thing = Thing.of(event, DEMO_PROJECT_ID) if "kind" in event else None
        ordering = _Ordering.before(self, thing) if function == "start-export" and thing else None
        expected = self._expected(function, event)
        call = self.world.call(function, event, mishap)
        self.calls += 1
        self._bounded(call)
        self._speaks(call, thing)
        new = self._sees_vendor(call)
        landed = self._sees_archive(call)
        if ordering:
            ordering.after(call, new)
        if expected:
            self._as_expected(call, expected, self._expected(function, event) or expected)
        if function == "fetch-file":
            self._fetched(call, landed)
        return call

    # R4, R8, R9: every call

    def _bounded(self, call: Call) -> None:
        """R4: so many attempts and no more, and no longer than the function's own time."""
        most = self.world.attempts
        looks = 2 * most
        lists = {"start-export": looks + most * most * (1 + most), "poll-status": looks, "fetch-file": looks}
        bounds = {
            "list": lists.get(call.function, 0),
            "download": most * (1 + len(call.met.get("download", []))) if call.function == "fetch-file" else 0,
            "delete": most if call.function == "fetch-file" else 0,
        }
        for operation, times in call.asked.items():
            bound = bounds.get(operation, most if call.function == "start-export" else 0) * call.containers
            assert times <= bound, f"R4: {call.function} asked {times} times for {operation}, {bound} at most"
        assert call.seconds <= LONGEST_CALL.total_seconds(), f"R4: {call.function} waited {call.seconds} s"

    def _speaks(self, call: Call, thing: Thing | None) -> None:
        """R8: a failure says what it is about and what to do. R9: nobody says what must stay hidden."""
        assert call.leaks == [], f"R9: {call.function} gave away {call.leaks}"
        if call.error is None:
            return
        text = str(call.error)
        assert call.error.next_step, f"R8: no advice in {text!r}"
        if thing:
            assert call.error.kind == thing.kind, f"R8: no kind in {text!r}"
            assert call.error.window is not None, f"R8: no window in {text!r}"
        if "task_id" in call.event:
            assert call.event["task_id"] in text, f"R8: no task in {text!r}"
        assert (call.error.vendor_code or "") in text, f"R8: no vendor code in {text!r}"

    def may_end_in(self, call: Call) -> set[str]:
        """The classes of error that what went wrong around the call can explain."""
        errors = {error for name in call.all_met for error in errors_of(name)}
        if not self.world.is_up or call.all_met:
            errors.add(UNAVAILABLE)
        if self._are_credentials_left_alone(call):
            errors.add("Unauthorized")
        return errors | ({"ArchiveUnavailable"} if call.storage_failed else set())

    def _are_credentials_left_alone(self, call: Call) -> bool:
        """What the vendor has refused is not shown to it again for a while, or the key might be locked."""
        if "401" in call.all_met:
            self._refused_at = call.began
        return self._refused_at is not None and call.began - self._refused_at <= LEFT_ALONE + LONGEST_CALL

    # R3 and deletion: what the vendor has

    def _sees_vendor(self, call: Call) -> list[Making]:
        there = {one for one, making in self.reference.makings.items() if not making.is_gone}
        new = self.reference.see_tasks(self.world.vendor.tasks)
        if new:
            assert call.function == "start-export", f"R3: {call.function} has ordered something"
        self._deleted = [one for one in there if self.reference.makings[one].is_gone]
        return new

    # R1, R2: what the archive has

    def _sees_archive(self, call: Call) -> Place | None:
        manifests, data = self.world.objects("manifests/"), self.world.objects("data/")
        for landed in self.reference.landed.values():
            self._stands(landed, {key: stored.e_tag for key, stored in (manifests | data).items()})
        new = manifests.keys() - {landed.manifest_key for landed in self.reference.landed.values()}
        assert len(new) <= 1, f"R1: one call has made {sorted(new)}"
        place = self._lands(call, new.pop()) if new else None
        named = {landed.key for landed in self.reference.landed.values()}
        orphans = data.keys() - named
        if not (call.died or call.storage_failed):
            assert orphans <= self._orphans, f"R2: {call.function} has left {sorted(orphans - self._orphans)}"
        self._orphans = set(orphans)
        for key in named | {landed.manifest_key for landed in self.reference.landed.values()}:
            self._versions.setdefault(key or "", (manifests | data)[key].e_tag if key else None)
        for task_id in self._deleted:
            is_kept = any(landed.task_id == task_id for landed in self.reference.landed.values())
            assert self.world.deletes, f"{call.function} has deleted task {task_id}, and nobody asked for that"
            assert is_kept, f"R1: {call.function} has deleted task {task_id}, whose file is not archived"
        return place

    def _stands(self, landed: Landed, versions: Mapping[str, str | None]) -> None:
        """R1: what has landed is never changed, and never goes."""
        for key in filter(None, (landed.manifest_key, landed.key)):
            assert key in versions, f"R1: {key} is gone"
            assert versions[key] == self._versions[key], f"R1: {key} was written again"

    def _lands(self, call: Call, manifest_key: str) -> Place:
        """R2: a new manifest, and whether all it says is true."""
        manifest = self.world.document(manifest_key)
        place = Place.of(manifest)
        assert call.function == "fetch-file", f"R2: {call.function} has made {manifest_key}"
        assert place == Place.of(call.event), f"R2: {manifest_key} is of something else than was asked for"
        assert place not in self.reference.landed, f"R1: {manifest_key} doubles {self.reference.landed[place]}"
        assert manifest["settled"] == (place.ordered_at is None), f"{manifest_key} is wrong about having settled"
        self._is_where_readers_look(manifest_key, place)
        self._is_the_vendors(call, manifest, place)
        landed_at = moment(manifest["landed_at"])
        assert landed_at
        self.reference.landed[place] = Landed(
            manifest["key"], manifest_key, manifest["task_id"], manifest["sha256"], manifest["size_bytes"], landed_at
        )
        return place

    def _is_where_readers_look(self, manifest_key: str, place: Place) -> None:
        thing = place.thing
        folder = f"kind={thing.kind}/project_id={thing.project_id}"
        if thing.whole_day and place.ordered_at is None:
            assert manifest_key == f"manifests/{folder}/day={thing.whole_day}.json"
        else:
            assert manifest_key.startswith(f"manifests/{folder}/")
            assert not manifest_key.endswith(f"/day={thing.whole_day}.json"), "a part passes for the whole day"

    def _is_the_vendors(self, call: Call, manifest: Mapping[str, Any], place: Place) -> None:
        making = self.reference.makings.get(manifest["task_id"])
        assert making, f"R2: {manifest['task_id']} is no task of the vendor's"
        assert making.thing == place.thing, f"R2: {place.thing} is archived with the file of {making.thing}"
        if place.ordered_at is None:
            assert place.thing.is_settled(making.task.created_at), f"{place.thing} was made before it had settled"
        content = b"".join(self.world.store.chunks(manifest["key"]))
        replaced = REPLACES in call.met.get("download", [])
        assert manifest["sha256"] in self.world.digests(making.task, replaced=replaced), "R2: that is not the file"
        assert hashlib.sha256(content).hexdigest() == manifest["sha256"], "R2: the object is not what the manifest says"
        assert len(content) == manifest["size_bytes"], "R2: the object has another length than the manifest says"
        assert manifest["vendor_request_ids"], "R8: no vendor request id in the manifest"

    # What poll-status and fetch-file come to

    def _expected(self, function: str, event: Mapping[str, Any]) -> Expected | None:
        if function not in {"poll-status", "fetch-file"}:
            return None
        has_landed = Place.of(event) in self.reference.landed
        if function == "poll-status":
            return self._expected_look(event, has_landed=has_landed)
        return Expected(asks=False) if has_landed else self._expected_fetch(event)

    def _expected_look(self, event: Mapping[str, Any], *, has_landed: bool) -> Expected:
        now, making = self.world.clock(), self.reference.makings[event["task_id"]]
        elapsed, status = now - self._watched_since(event), making.status(now)
        if status not in KNOWN_WORDS:
            return Expected("UnexpectedAnswer")
        if status == "SUCCESS" or has_landed:
            return Expected()
        if status in {"FAIL", "EXPIRED"}:
            return Expected(status=status)
        if status is None and elapsed > UNSEEN_GRACE:
            return Expected("TaskLost")
        return Expected("DeadlineExceeded") if elapsed >= POLL_DEADLINE else Expected(status="CREATING")

    def _expected_fetch(self, event: Mapping[str, Any]) -> Expected:
        now, making = self.world.clock(), self.reference.makings[event["task_id"]]
        elapsed, actual = now - self._watched_since(event), making.status(now)
        noted = event.get("status")
        if noted in {"FAIL", "EXPIRED"}:
            return Expected("TaskFailed" if noted == "FAIL" else "FileExpired", asks=False)
        if noted == "SUCCESS":
            refusals = {None: "TaskLost", "EXPIRED": "FileExpired", "SUCCESS": None}
            return Expected(refusals[actual])
        if actual is None:
            return Expected("TaskLost" if elapsed > UNSEEN_GRACE else "Rejected")
        refusals = {"FAIL": "TaskFailed", "EXPIRED": "FileExpired", "SUCCESS": None, "CREATING": "Rejected"}
        return Expected(refusals.get(actual, "UnexpectedAnswer"))

    def _watched_since(self, event: Mapping[str, Any]) -> Any:
        return moment(event.get("adopted_at") or event["ordered_at"])

    def _as_expected(self, call: Call, before: Expected, after: Expected) -> None:
        """What time brought about during the call may show, or not yet; what went wrong explains what else it says."""
        if call.died:
            return
        is_free = call.is_disturbed or (before.asks and bool(self.may_end_in(call)))
        if call.error:
            explained = self.may_end_in(call) if is_free else set()
            allowed = {before.error, after.error} | explained
            name = type(call.error).__name__
            assert name in allowed, f"{call.function} ended in {name}: {call.error}; {allowed} can be explained"
        else:
            status = (call.answer or {})["status"] if call.function == "poll-status" else "SUCCESS"
            expected = [one for one in (before, after) if one.error is None] or is_free
            assert expected, f"{call.function} should have ended in {before.error}"
            words = {one.status for one in (before, after)} if call.function == "poll-status" else {status}
            assert status in words, f"poll-status says {status}, not {words}"
            if call.function == "poll-status":
                waits = (call.answer or {})["wait_seconds"]
                assert (0 < waits <= 60) == (status == "CREATING"), f"R5: {status}, and look again in {waits} s"

    def _fetched(self, call: Call, landed: Place | None) -> None:
        """R1: who has fetched has it; who has failed has left nothing that readers see."""
        place = Place.of(call.event)
        found = self.reference.landed.get(place)
        if call.error or call.died or (call.containers > 1 and not call.twin):
            self._gives_up(call)
        if call.error:
            assert not landed or call.storage_failed, f"it landed, and fetch-file says {call.error}"
        for answer in filter(None, (call.answer, call.twin)):
            archived = answer["archived"]
            assert found, "R1: fetch-file says it is archived, and it is not"
            facts = {"key": found.key, "manifest_key": found.manifest_key, "sha256": found.sha256}
            assert archived == archived | facts | {"size_bytes": found.size_bytes}, "R1: that is not what is archived"
            if not call.storage_failed:
                outcomes = [one["archived"]["outcome"] for one in (call.answer, call.twin) if one]
                others = ["already-landed"] * (len(outcomes) - 1)
                assert sorted(outcomes) == sorted([*others, "landed" if landed else "already-landed"])
            assert not self._leftovers(found) or call.storage_failed, "R1: leftovers beside what has landed"

    def _leftovers(self, found: Landed) -> set[str]:
        folder = (found.key or "").rpartition("/")[0]
        return {key for key in self._orphans if key.startswith(f"{folder}/")}

    def _gives_up(self, call: Call) -> None:
        """After such an end of a fetch, the next order makes a task of its own; who dies may have got as far."""
        if not call.error:
            self.reference.makings[call.event["task_id"]].noted = False
        name = type(call.error).__name__
        is_bad = name == "BadFile" and BAD_AS_A_WHOLE & set(call.met.get("download", []))
        if name in ORDERING_ERRORS or is_bad:
            making = self.reference.makings[call.event["task_id"]]
            making.excuse = making.excuse or f"its fetch ended in {name}"
            making.is_given_up |= making.noted and not call.storage_failed

    # The other functions

    def plan(self, request: Mapping[str, Any], mishap: Mishap = None) -> Planned | None:
        """plan-archive for one kind; None where there is no plan. R7: it has every missing day, and no other."""
        (kind,) = request["kinds"]
        now = self.world.clock()
        first, last = (request.get(name) and date.fromisoformat(request[name]) for name in ("first_day", "last_day"))
        call = self.perform("plan-archive", request, mishap)
        self._sees_since(kind, None if first else oldest_planned(kind, now))
        if call.answer is None:
            is_wrong = bool(first and (gone_at(kind, first) < now or (last or first) >= now.date()))
            refused = {"Rejected"} if is_wrong else set()
            assert call.died or type(call.error).__name__ in self.may_end_in(call) | refused, call.error
            return None
        first, last = first or oldest_planned(kind, now), last or settled_day(kind, now)
        every = [first + n * A_DAY for n in range((last - first).days + 1)]
        missing = [day for day in every if day not in self.reference.days(kind, DEMO_PROJECT_ID)]
        planned: list[dict[str, Any]] = self.world.document(f"runs/{call.answer['run']}/plan.json")
        assert [one["export"]["day"] for one in planned] == [day.isoformat() for day in missing], (
            "R7: the plan is wrong"
        )
        assert call.answer["planned"] == len(planned)
        return Planned(call.answer["run"], [one["export"] for one in planned])

    def _sees_since(self, kind: str, planned: date | None) -> None:
        """R7: the first day that was ever planned stands, so that no lost day is forgotten."""
        noted = self.world.objects("since/")
        key = f"since/kind={kind}/project_id={DEMO_PROJECT_ID}.json"
        if kind in self.reference.since:
            assert key in noted, f"R7: {key} is gone"
        if key in noted:
            first = date.fromisoformat(self.world.document(key)["first_day"])
            assert first == self.reference.since.get(kind, planned), f"R7: {kind} is complete from {first} on"
            self.reference.since[kind] = first

    def report(self, plan: Planned, mishap: Mishap = None) -> None:
        """report-archive: every planned day counted, every day in danger named (R7)."""
        call = self.perform("report-archive", {"run": plan.run}, mishap)
        if call.answer is None:
            assert call.died or call.storage_failed, call.error
            return
        if call.storage_failed:
            return
        report = self.world.document(f"runs/{plan.run}/report.json")
        for words, word in (("days_lost", "lost"), ("days_at_risk", "at-risk")):
            told = {(one["kind"], one["day"]) for one in report[words]}
            assert told == self._in_danger(call, word), f"R7: {words} are {sorted(told)}"
        planned = plan.exports
        assert report["planned"] == len(planned)
        archived = [day for day in planned if self.reference.settled_landing(Thing.of(day))]
        if all(Thing.of(day).is_settled(call.began) for day in planned):
            counted = report["landed"] + report["already_there"] + report["empty"]
            assert counted == len(archived), f"{len(archived)} days are archived, the report says {counted}"
            assert report["under_way"] + report["failed"] == len(planned) - len(archived)

    def _in_danger(self, call: Call, word: str) -> set[tuple[str, str]]:
        days = {
            kind: self.reference.in_danger(kind, DEMO_PROJECT_ID, call.began, word) for kind in self.reference.since
        }
        return {(kind, day.isoformat()) for kind, found in days.items() for day in found}

    def cover(self, mishap: Mishap = None) -> None:
        """show-coverage: what readers are told is what has landed, and how the rest stands."""
        self.world.clock.advance(seconds=61)
        call = self.perform("show-coverage", {}, mishap)
        if call.answer is None:
            assert call.died or call.storage_failed, call.error
            return
        if call.storage_failed:
            return
        for series in call.answer["series"]:
            kind = KINDS.get(series["kind"])
            if kind and kind.reach and not series.get("filters"):
                self._covers(series, call)

    def _covers(self, series: Mapping[str, Any], call: Call) -> None:
        kind, project_id = series["kind"], series["project_id"]
        told = {date.fromisoformat(day["day"]): day["status"] for day in series["days"]}
        is_planned = project_id == DEMO_PROJECT_ID and kind in self.reference.since
        archived = dict.fromkeys(self.reference.days(kind, project_id), "archived")
        known = self.reference.standing(kind, project_id, call.began) if is_planned else archived
        wrong = {
            day: (told.get(day), known.get(day))
            for day in told.keys() | known.keys()
            if told.get(day) != known.get(day)
        }
        assert not wrong, f"R7: told and true of {kind} differ: {wrong}"
        for day in series["days"]:
            if day["status"] == "archived":
                thing = Thing.of({"kind": kind, "project_id": project_id, "day": day["day"]})
                landed = self.reference.settled_landing(thing)
                assert landed
                assert (day["sha256"], day["task_id"]) == (landed.sha256, landed.task_id)

    def record(self, failed: Call, mishap: Mishap = None) -> None:
        """record-failure: R8, what a failure says survives the state machine."""
        error, event = failed.error, failed.event
        assert error
        caught = {"Error": type(error).__name__, "Cause": _cause(error)}
        export = event if "task_id" in event else None
        call = self.perform(
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
        if thing.whole_day and key in self.world.objects("failures/"):
            self.reference.failed.add(thing)
        elif thing.whole_day and call.answer:
            assert call.storage_failed, f"R8: {key} is not there"

    def has_saved_what_could_be_saved(self, kind: str, began: datetime, planned_at: datetime) -> None:
        """R7: after the storm every day is archived that the vendor still had, unless a stuck task kept it waiting."""
        for day in self.reference.missing(kind, DEMO_PROJECT_ID, planned_at):
            thing = Thing.of({"kind": kind, "project_id": DEMO_PROJECT_ID, "day": day.isoformat()})
            was_gone = gone_at(kind, day) < began + LONGEST_RUN
            is_stuck = any(making.is_stuck for making in self.reference.of(thing))
            assert was_gone or is_stuck, f"R7: {kind} of {day} could have been archived"


def _cause(error: Exception) -> str:
    return json.dumps({"errorMessage": str(error), "errorType": type(error).__name__})


@dataclass
class _Ordering:
    """R3: whether a start was right to order, and ordered no more than it may.

    Attributes:
        landed: it was archived for ever before.
        found: the one task that a lost answer must have made.
    """

    judge: Judge
    thing: Thing
    landed: Landed | None
    found: Making | None
    is_alone: bool

    @classmethod
    def before(cls, judge: Judge, thing: Thing) -> "_Ordering":
        reference, now = judge.reference, judge.world.clock()
        reference.note_excuses(thing, now)
        near = [
            at
            for at, other in reference.murky
            if abs(now - at) < NEIGHBOURHOOD and other.project_id == thing.project_id
        ]
        fresh = [making for making in reference.of(thing) if abs(now - making.task.created_at) < NEIGHBOURHOOD]
        landed = reference.settled_landing(thing) if thing.is_settled(now) else None
        return cls(judge, thing, landed, reference.must_be_found(thing, now), not near and not fresh)

    def after(self, call: Call, new: list[Making]) -> None:
        """Everything a start has to answer for."""
        self.judge.reference.note_excuses(self.thing, self.judge.world.clock(), besides=new)
        for making in new:
            assert making.thing == self.thing, f"R3: {making.thing} was ordered in the place of {self.thing}"
        self._ordered_no_more_than_needed(call, new)
        self._answered(call, new)
        self._noted(call)

    def _ordered_no_more_than_needed(self, call: Call, new: list[Making]) -> None:
        met = call.met.get(self.thing.kind, [])
        lost = met.count(LOSES_ANSWER)
        assert len(new) <= 1 + lost, f"R3: {len(new)} tasks from one order, {lost} answers lost"
        if not new:
            return
        assert self.thing.is_over(call.began), f"{self.thing} was ordered before it was over"
        assert not self.landed, f"R3: ordered again, though archived: {self.landed}"
        is_clean = not (call.storage_failed or call.met.get("list"))
        if self.found and is_clean:
            raise AssertionError(f"R3: the vendor's list shows the lost order's task {self.found.task.task_id}")
        earlier = [one for one in self.judge.reference.of(self.thing) if one not in new]
        needless = [one.task.task_id for one in earlier if one.noted and not one.excuse]
        assert not needless, f"R3: ordered again, though {needless} would have done"
        is_shown = all(making.is_listed(making.task.created_at) for making in new)
        if lost and self.is_alone and is_clean and is_shown and not call.died and set(met) <= {LOSES_ANSWER, *ORDERS}:
            assert len(new) == 1, "R3: the vendor's list showed the task of the lost answer"

    def _answered(self, call: Call, new: list[Making]) -> None:
        reference, now = self.judge.reference, call.began
        if call.answer:
            making = reference.makings.get(call.answer["task_id"])
            assert making, f"{call.answer['task_id']} is no task of the vendor's"
            assert making.thing == self.thing, f"R3: {making.thing}'s task was taken for {self.thing}'s"
            assert not new or making in new, "R3: a task was made, and another one is gone on with"
            if self.landed:
                assert call.answer["task_id"] == self.landed.task_id
            elif making not in new:
                problem = reference.unfit(making, now)
                assert not problem, f"a task was taken over, though {problem}"
        if call.error:
            allowed = self.judge.may_end_in(call) | self._refusals(now)
            name = type(call.error).__name__
            assert name in allowed, f"start-export ended in {name}: {call.error}; {allowed} can be explained"

    def _refusals(self, now: Any) -> set[str]:
        is_possible = self.thing.is_over(now) and self.thing.is_within_reach(now)
        unknown = any(one.status(now) not in KNOWN_WORDS for one in self.judge.reference.of(self.thing))
        return (set() if is_possible else {"Rejected"}) | ({"UnexpectedAnswer"} if unknown else set())

    def _noted(self, call: Call) -> None:
        """What the book tells from now on."""
        reference = self.judge.reference
        if call.answer and not call.storage_failed:
            reference.makings[call.answer["task_id"]].noted = True
        met = call.met.get(self.thing.kind, [])
        is_refused = type(call.error).__name__ in REFUSALS
        is_murky = call.died or call.storage_failed or (call.error and not is_refused)
        if is_murky or set(met) & (MAY_HAVE_BEEN_DONE | NAMES_NO_TASK):
            reference.murky.append((call.began, self.thing))
