"""What poll-status and fetch-file must come to, by what the vendor has and what has landed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.model.reference import KNOWN_WORDS, POLL_DEADLINE, UNSEEN_GRACE, Making, Reference
from tests.model.things import Place, moment


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


def expected(reference: Reference, function: str, event: Mapping[str, Any], now: datetime) -> Expected | None:
    """Of a call at that time; None for functions that are judged otherwise."""
    if function not in {"poll-status", "fetch-file"}:
        return None
    has_landed, making = Place.of(event) in reference.landed, reference.makings[event["task_id"]]
    watched_since = moment(event.get("adopted_at") or event["ordered_at"])
    elapsed = now - (watched_since or now)
    if function == "poll-status":
        return _expected_look(making, elapsed, now, has_landed=has_landed)
    if making.is_revoked and not has_landed:
        return Expected("Rejected", asks=False)
    return Expected(asks=False) if has_landed else _expected_fetch(making, elapsed, now, event.get("status"))


def _expected_look(making: Making, elapsed: timedelta, now: datetime, *, has_landed: bool) -> Expected:
    status = making.status(now)
    if status == "SUCCESS" or has_landed:
        return Expected()
    if status not in KNOWN_WORDS:
        return Expected("UnexpectedAnswer")
    if status in {"FAIL", "EXPIRED"}:
        return Expected(status=status)
    if status is None and elapsed > UNSEEN_GRACE:
        return Expected("TaskLost")
    return Expected("DeadlineExceeded") if elapsed >= POLL_DEADLINE else Expected(status="CREATING")


def _expected_fetch(making: Making, elapsed: timedelta, now: datetime, noted: str | None) -> Expected:
    actual = making.status(now)
    if noted in {"FAIL", "EXPIRED"}:
        return Expected("TaskFailed" if noted == "FAIL" else "FileExpired", asks=False)
    if noted == "SUCCESS":
        refusals = {None: "TaskLost", "EXPIRED": "FileExpired", "SUCCESS": None}
        return Expected(refusals[actual])
    if actual is None:
        return Expected("TaskLost" if elapsed > UNSEEN_GRACE else "Rejected")
    refusals = {"FAIL": "TaskFailed", "EXPIRED": "FileExpired", "SUCCESS": None, "CREATING": "Rejected"}
    return Expected(refusals.get(actual, "UnexpectedAnswer"))
