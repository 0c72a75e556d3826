"""What an operator does by hand: take a day back, and check the archive against itself."""

from collections import Counter

from tests.model.mishaps import Mishap
from tests.model.promises import Judge
from tests.model.things import Place, Thing
from tests.model.world import REVOKE, Call
from workspace_exports.audit.verify import verify
from workspace_exports.core.clock import to_wire

_WHY = "two rows are missing"


class Operator:
    """Calls the product, and compares what it does with the reference."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._reference = judge.reference

    def revoke(self, thing: Thing, mishap: Mishap, *, even_if_lost: bool) -> None:
        """Take the day back; what ended in the middle is ended by the same call."""
        place = Place(thing, None)
        was_archived = place in self._reference.landed
        call = self._revoke(thing, mishap, even_if_lost=even_if_lost)
        is_wanted = was_archived and (even_if_lost or thing.is_within_reach(call.began))
        if is_wanted and place in self._reference.landed:
            assert call.died or call.storage_failed, f"revoke says {call.error}"
            self._judge.world.clock.advance(seconds=10 if even_if_lost else 0)
            call = self._revoke(thing, None, even_if_lost=even_if_lost)
        assert (place in self._reference.landed) == (was_archived and not is_wanted)
        if call.error and not call.storage_failed:
            assert not is_wanted, f"revoke says {call.error}"
            assert type(call.error).__name__ == "Rejected"
        if is_wanted:
            self._shows_as_revoked(thing)
        self.verify()

    def _revoke(self, thing: Thing, mishap: Mishap, *, even_if_lost: bool) -> Call:
        consent = {"why": _WHY, "even_if_lost": even_if_lost}
        return self._judge.perform(REVOKE, {**thing.request, **consent}, mishap)

    def _shows_as_revoked(self, thing: Thing) -> None:
        """Until something else is on record of it, the failure on record says so."""
        name = f"kind={thing.kind}/project_id={thing.project_id}/day={thing.whole_day}.json"
        failure = self._judge.world.document(f"failures/{name}")
        assert failure["error"] == "Revoked"
        assert _WHY in failure["what"]

    def fetch_late(self, thing: Thing) -> None:
        """Fetch what was taken back once more, if anything was; the judge knows that nothing may come of it."""
        for making in self._reference.of(thing):
            if making.is_revoked:
                order = {"task_id": making.task.task_id, "ordered_at": to_wire(making.task.created_at)}
                self._judge.perform("fetch-file", {**thing.request, **order})

    def verify(self) -> None:
        """All that has landed is intact, taken back or not; what no manifest names is known."""
        world = self._judge.world
        counts = Counter(finding.verdict.value for finding in verify(world.store, now=world.clock()))
        unnamed = counts.pop("orphan", 0) + counts.pop("in-flight", 0)
        assert unnamed == len(self._judge.orphans), f"{unnamed} objects are said to be of no use"
        known = +Counter({"intact": len(self._reference.landed), "revoked": len(self._reference.revoked)})
        assert +counts == known, f"verify counts {dict(counts)}, and not {dict(known)}"
