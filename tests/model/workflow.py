"""What the two state machines of template.yaml do around the functions, without waiting."""

from collections.abc import Mapping
from typing import Any

from tests.model.daily import Daily, Planned
from tests.model.mishaps import Mishap
from tests.model.promises import ORDERING_ERRORS, Judge
from tests.model.world import Call

_TRANSIENT = {"VendorUnavailable", "ArchiveUnavailable", "Throttled"}
_RETRIES = 2
_MOST_LOOKS = 100
"""R5: a task that never finishes is looked at so often in one run, and no more."""


class Workflow:
    """The export workflow and the archive workflow, one export after the other."""

    def __init__(self, judge: Judge, daily: Daily) -> None:
        self._judge = judge
        self._daily = daily

    def run(self, plan: Planned, at_most: int | None = None, mishap: Mishap = None) -> None:
        """Every planned export, whatever becomes of the others, and the report; the first call suffers the mishap."""
        for request in plan.exports[:at_most]:
            self.export(request, mishap)
            mishap = None
        self._daily.report(plan)

    def export(self, request: Mapping[str, Any], start: Mishap = None, fetch: Mishap = None) -> None:
        """One export, ordered again once where its task is beyond help; a failure is recorded."""
        failed = self._once(request, start, fetch)
        if failed and type(failed.error).__name__ in ORDERING_ERRORS:
            failed = self._once(request)
        if failed and failed.error:
            self._daily.record(failed)

    def _once(self, request: Mapping[str, Any], start: Mishap = None, fetch: Mishap = None) -> Call | None:
        """What failed, if anything did."""
        ordered = self._patiently("start-export", request, _TRANSIENT, start)
        if ordered.answer is None:
            return ordered
        looked = self._wait(ordered.answer)
        if looked.answer is None:
            return looked
        fetched = self._patiently("fetch-file", looked.answer, {*_TRANSIENT, "BadFile"}, fetch)
        return None if fetched.answer else fetched

    def _wait(self, event: Mapping[str, Any]) -> Call:
        for _ in range(_MOST_LOOKS):
            self._judge.world.clock.advance(seconds=event["wait_seconds"])
            looked = self._patiently("poll-status", event, _TRANSIENT)
            if looked.answer is None or looked.answer["status"] != "CREATING":
                return looked
            event = looked.answer
        raise AssertionError(f"R5: {_MOST_LOOKS} looks at one task in one run")

    def _patiently(self, function: str, event: Mapping[str, Any], passing: set[str], mishap: Mishap = None) -> Call:
        """The last of a few attempts; a function that died is called again."""
        call = self._judge.perform(function, event, mishap)
        for pause in range(1, _RETRIES + 1):
            if not (call.died or type(call.error).__name__ in passing):
                break
            self._judge.world.clock.advance(seconds=20 * pause)
            call = self._judge.perform(function, event)
        return call
