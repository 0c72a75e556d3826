"""Each call compared with the reference: what it did, what it said, and what is there afterwards."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.standin.accounts import DEMO_PROJECT_ID
from tests.model.expectations import Expected, expected
from tests.model.mishaps import (
    ANY_CALL,
    BAD_AS_A_WHOLE,
    OTHER_TYPE,
    RARE,
    SHOWS_NOTHING,
    UNAVAILABLE,
    Mishap,
    errors_of,
)
from tests.model.new_manifests import NewManifest
from tests.model.ordering import Ordering
from tests.model.reference import LEFT_ALONE, Landed, Making, Reference
from tests.model.saying import Statement
from tests.model.things import LONGEST_CALL, Place, Thing
from tests.model.world import REVOKE, Call, World

ORDERING_ERRORS = {"TaskFailed", "TaskLost", "FileExpired"}

LONGEST_WAIT_SECONDS = 60
"""Between two looks at one task, with the default deadline."""


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
        before = self.world.clock()
        ordering = self._ordering(thing, before) if function == "start-export" and thing else None
        first = expected(self.reference, function, event, before)
        standing = self._manifest_of(thing) if function == REVOKE and thing else None
        call = self.world.call(function, event, mishap)
        self.calls += 1
        self._bounded(call)
        self._speaks(call, thing)
        new = self._sees_vendor(call)
        if standing and thing:
            self._takes_back(call, thing, standing)
        landed = self._sees_archive(call)
        if ordering:
            ordering.after(call, new, self.world.clock(), self.may_end_in(call))
        if first:
            self._as_expected(call, first, expected(self.reference, function, event, self.world.clock()) or first)
        if function == "fetch-file":
            self._fetched(call, landed)
            Statement(self.reference, call).note()
            if landed:
                Statement(self.reference, call).contradict(landed)
        return call

    def _ordering(self, thing: Thing, now: datetime) -> Ordering:
        return Ordering.before(self.reference, thing, now, self.world.attempts)

    @property
    def orphans(self) -> set[str]:
        """The data objects that no manifest names, nor one that was taken back."""
        return self._orphans

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
        if thing and call.function != REVOKE:
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
        """What the vendor has refused is not shown to it again for a while, or the key might be locked.

        A file is not read for that, so a refusal inside of one lets nothing rest.
        """
        in_answers = {name for operation, names in call.met.items() if operation != "download" for name in names}
        if "401" in call.all_met or RARE & in_answers:
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
        there = manifests | data | self.world.objects("revoked/")
        versions = {key: stored.e_tag for key, stored in there.items()}
        for landed in self.reference.all_landed:
            self._stands(landed, versions)
        new = manifests.keys() - {landed.manifest_key for landed in self.reference.landed.values()}
        assert len(new) <= 1, f"R1: one call has made {sorted(new)}"
        place = self._lands(call, new.pop()) if new else None
        named = {landed.key for landed in self.reference.all_landed}
        orphans = data.keys() - named
        if not (call.died or call.storage_failed):
            assert orphans <= self._orphans, f"R2: {call.function} has left {sorted(orphans - self._orphans)}"
        self._orphans = set(orphans)
        if place:
            newest = self.reference.landed[place]
            self._versions |= {key: versions[key] for key in (newest.manifest_key, newest.key) if key}
        for task_id in self._deleted:
            is_kept = any(landed.task_id == task_id for landed in self.reference.all_landed)
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
        assert call.function == "fetch-file", f"R2: {call.function} has made {manifest_key}"
        place, landed = NewManifest(self.world, self.reference, call, manifest_key).landed()
        assert place not in self.reference.landed, f"R1: {manifest_key} doubles {self.reference.landed[place]}"
        self.reference.landed[place] = landed
        return place

    # What an operator takes back

    def _manifest_of(self, thing: Thing) -> bytes | None:
        landed = self.reference.settled_landing(thing)
        return self.world.store.read(landed.manifest_key) if landed else None

    def _takes_back(self, call: Call, thing: Thing, manifest: bytes) -> None:
        """What was there is kept byte for byte with the reason, before the manifest goes; its data stays."""
        place = Place(thing, None)
        landed = self.reference.landed[place]
        key = f"revoked/{landed.manifest_key.removeprefix('manifests/').removesuffix('.json')}/{landed.task_id}.json"
        if self.world.store.read(landed.manifest_key) is not None:
            assert call.error or call.died, "revoke says that it is taken back, and it is there"
            return
        kept = self.world.document(key)
        assert kept["manifest"].encode() == manifest, "R1: what was taken back is not what had landed"
        assert kept["sha256"] == hashlib.sha256(manifest).hexdigest()
        assert (kept["manifest_key"], kept["why"]) == (landed.manifest_key, call.event["why"])
        assert call.answer in (None, kept), "revoke tells something else than what is kept"
        self._versions[key] = self.world.objects("revoked/")[key].e_tag
        self.reference.take_back(place, key)

    # What poll-status and fetch-file come to

    def _as_expected(self, call: Call, before: Expected, after: Expected) -> None:
        """What time brought about during the call may show, or not yet; what went wrong explains what else it says."""
        counts = call.function == "fetch-file" and Statement(self.reference, call).may_make_empty()
        may_fail = call.is_disturbed or before.asks
        explained = self.may_end_in(call) if may_fail else set()
        if call.error:
            name, allowed = type(call.error).__name__, {before.error, after.error} | explained
            assert name in allowed, f"{call.function} ended in {name}: {call.error}; {allowed} can be explained"
        if call.answer:
            is_right = None in {before.error, after.error} or call.is_disturbed or counts
            assert is_right, f"{call.function} should have ended in {before.error}"
        if call.answer and call.function == "poll-status":
            status, waits = call.answer["status"], call.answer["wait_seconds"]
            allowed_words = {before.status, after.status} | ({"CREATING"} if SHOWS_NOTHING in call.all_met else set())
            assert status in allowed_words, f"poll-status says {status}, not {before.status}"
            assert (0 < waits <= LONGEST_WAIT_SECONDS) == (status == "CREATING"), f"R5: {status}, wait {waits} s"

    def _fetched(self, call: Call, landed: Place | None) -> None:
        """R1: who has fetched has it; who has failed has left nothing that readers see."""
        place = Place.of(call.event)
        found = self.reference.landed.get(place)
        if call.error or call.died or (call.containers > 1 and not call.twin):
            self._gives_up(call)
        if call.error:
            landed_itself = landed and call.containers == 1
            assert not landed_itself or call.storage_failed, f"it landed, and fetch-file says {call.error}"
        for answer in filter(None, (call.answer, call.twin)):
            archived = answer["archived"]
            assert found, "R1: fetch-file says it is archived, and it is not"
            facts = {name: getattr(found, name) for name in ("key", "manifest_key", "sha256", "size_bytes")}
            assert {name: archived.get(name) for name in facts} == facts, "R1: that is not what is archived"
            if not call.storage_failed:
                outcomes = [one["archived"]["outcome"] for one in (call.answer, call.twin) if one]
                others = ["already-landed"] * (len(outcomes) - 1)
                new = "landed" if found.key else "empty"
                assert sorted(outcomes) == sorted([*others, new if landed else "already-landed"])
            leftovers = self._leftovers(found, call.began)
            assert not leftovers or call.storage_failed, f"R1: {leftovers} beside what has landed"

    def _leftovers(self, found: Landed, written_before: datetime) -> set[str]:
        """Those that no other fetch of the same moment may be at."""
        folder = (found.key or "").rpartition("/")[0]
        own = {key for key in self._orphans if key.startswith(f"{folder}/")}
        return {key for key in own if self.world.written_at(key) < written_before}

    def _gives_up(self, call: Call) -> None:
        """After such an end of a fetch, the next order makes a task of its own; who dies may have got as far."""
        if not call.error:
            self.reference.makings[call.event["task_id"]].noted = False
        name, met = type(call.error).__name__, call.met.get("download", [])
        is_bad = name == "BadFile" and BAD_AS_A_WHOLE & set(met)
        if name in ORDERING_ERRORS or is_bad:
            making = self.reference.makings[call.event["task_id"]]
            making.excuse = making.excuse or f"its fetch ended in {name}"
            is_certain = name in ORDERING_ERRORS or (
                met[-1] in BAD_AS_A_WHOLE and set(met[:-1]) <= {*ANY_CALL, OTHER_TYPE}
            )
            making.is_given_up |= making.noted and is_certain and not call.storage_failed
