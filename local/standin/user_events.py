"""ListUserEvents: what users did, in a list that is read by offset and may move between two pages."""

import random
import threading
from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from hashlib import blake2b

from local.standin.company import FAILURES, Person
from local.standin.messages import Answer, json_answer
from local.standin.parameters import Value
from local.standin.refusals import invalid
from local.standin.windows import Reading, Span

_DEFAULT_LIMIT = 100
_MINUTES_OF_A_DAY = 24 * 60
_RUSHES = ((8 * 60 + 40, 25, 0.3), (13 * 60 + 5, 20, 0.15), (18 * 60, 30, 0.15))
"""When most people come, come back and go: minute of the day, spread, share."""
_LOGINS = ("LOGIN_PASSWORD", "LOGIN_SMS", "LOGIN_AD", "LOGIN_MFA")
_DEEDS = (*_LOGINS, "CONNECT_DESKTOP", "DISCONNECT_DESKTOP", "START_DESKTOP", "STOP_DESKTOP", "MODIFY_PASSWORD")
_WORKSPACE = "5d3a4f0d7c1e4c2f9a51b5a5a1f6c001"

Event = dict[str, str | bool]
Key = tuple[int, int]
"""Milliseconds since midnight, and a serial number of the day."""


@dataclass
class EventBook:
    """Events of every project, made from nothing but the day, and those that came or went since.

    Attributes:
        per_day: events of each day.
        burst: further events within one second, 09:00:00, of each day.
        restless: events of one second come in another order with every answer.
        reading: how events are compared with the bounds.
        canaries: every event names the invented person of `CANARIES`, for tests that look for leaks.
        deepest: largest sum of offset and limit; None for no limit. Undocumented at the vendor.
    """

    per_day: int = 40
    burst: int = 0
    restless: bool = False
    reading: Reading = field(default_factory=Reading)
    canaries: bool = False
    deepest: int | None = 10_000
    _days: dict[tuple[str, date], "_Day"] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, project_id: str, parameters: Mapping[str, Value], span: Span) -> Answer:
        """One page, newest first, and the number of all events that match."""
        offset, limit = int(str(parameters.get("offset", 0))), int(str(parameters.get("limit", _DEFAULT_LIMIT)))
        if self.deepest is not None and offset + limit > self.deepest:
            raise invalid("offset", f"offset and limit together are at most {self.deepest}")
        with self._lock:
            found = self._matching(project_id, parameters, span)
        found.reverse()
        if self.restless:
            random.shuffle(found)
            found.sort(key=_second, reverse=True)
        page = [self._event(day, key, project_id) for day, key in found[offset : offset + limit]]
        return json_answer({"count": len(found), "items": page})

    def events(self, project_id: str, day: date) -> list[Event]:
        """All events of a day, oldest first."""
        with self._lock:
            return [self._event(day, key, project_id) for key in self._day(project_id, day).keys]

    def arrive(self, project_id: str, day: date, count: int) -> None:
        """Record events of a past day late; a negative number removes as many."""
        with self._lock:
            self._day(project_id, day).change(count)

    def put(self, project_id: str, moment: datetime) -> None:
        """Record one event, late or not."""
        with self._lock:
            self._day(project_id, moment.date()).put(_milliseconds(moment.date(), moment))

    def take(self, project_id: str, moment: datetime) -> None:
        """Remove the first event from that moment on."""
        with self._lock:
            day = self._day(project_id, moment.date())
            del day.keys[bisect_left(day.keys, (_milliseconds(moment.date(), moment), -1))]

    def _matching(self, project_id: str, parameters: Mapping[str, Value], span: Span) -> list[tuple[date, Key]]:
        since, until = _half_open(self.reading, span)
        days = (since.date() + timedelta(days=n) for n in range((until.date() - since.date()).days + 1))
        found = ((day, key) for day in days for key in self._day(project_id, day).between(day, since, until))
        if not parameters.keys() & _FILTERS.keys():
            return list(found)
        return [(day, key) for day, key in found if _passes(self._event(day, key, project_id), parameters)]

    def _event(self, day: date, key: Key, project_id: str) -> Event:
        return event(day, key, project_id, canaries=self.canaries)

    def _day(self, project_id: str, day: date) -> "_Day":
        known = self._days.get((project_id, day))
        if known is None:
            known = self._days[project_id, day] = _Day(day, self.per_day, self.burst)
        return known


@dataclass
class _Day:
    """The keys of one day's events."""

    day: date
    count: int
    burst: int

    @cached_property
    def keys(self) -> list[Key]:
        """All keys, in order; the first and the last moment of the day are among the times of more than one event."""
        edges = [0, 24 * 3600 * 1000 - 1][: self.count]
        times = [*edges, *(self._time() for _ in range(self.count - len(edges)))]
        times += [9 * 3600 * 1000 + self._chance.randrange(1000) for _ in range(self.burst)]
        return sorted(zip(times, range(len(times)), strict=True))

    @cached_property
    def _chance(self) -> random.Random:
        return random.Random(self.day.isoformat())  # noqa: S311 - repeatable, not secret

    def _time(self) -> int:
        chance = self._chance.random()
        for middle, spread, share in _RUSHES:
            if chance < share:
                minute = min(max(self._chance.gauss(middle, spread), 0), _MINUTES_OF_A_DAY - 1)
                return int(minute * 60_000)
            chance -= share
        return self._chance.randrange(_MINUTES_OF_A_DAY * 60_000)

    def between(self, day: date, since: datetime, until: datetime) -> list[Key]:
        """The keys from one moment to before another."""
        first, last = (bisect_left(self.keys, (_milliseconds(day, moment), -1)) for moment in (since, until))
        return self.keys[first:last]

    def change(self, count: int) -> None:
        """Add events at any time, or remove as many."""
        for _ in range(count):
            self.put(self._time())
        for _ in range(-count):
            self.keys.pop(self._chance.randrange(len(self.keys)))

    def put(self, milliseconds: int) -> None:
        """Add an event at that time of the day."""
        insort(self.keys, (milliseconds, 1 + max((serial for _, serial in self.keys), default=-1)))


def _half_open(reading: Reading, span: Span) -> Span:
    """The first moment that belongs to the span, and the first one behind it."""
    step = timedelta(seconds=1) if reading.whole_seconds else timedelta(milliseconds=1)
    start, end = span
    return start if reading.start_inclusive else start + step, end + step if reading.end_inclusive else end


def _second(found: tuple[date, Key]) -> tuple[date, int]:
    return found[0], found[1][0] // 1000


def _milliseconds(day: date, moment: datetime) -> int:
    return (moment - datetime(day.year, day.month, day.day, tzinfo=UTC)) // timedelta(milliseconds=1)


def event(day: date, key: Key, project_id: str, *, canaries: bool = False) -> Event:
    """One event as the vendor writes it."""
    milliseconds, serial = key
    digits = blake2b(f"{day}/{serial}".encode(), digest_size=8).digest()
    seconds, fraction = divmod(milliseconds, 1000)
    person, deed = Person(256 * (digits[0] % 2) + digits[1], canaries), _DEEDS[digits[2] % len(_DEEDS)]
    failure = FAILURES[digits[3] % len(FAILURES)] if digits[3] % 20 == 0 else None
    return {
        "project_id": project_id,
        "username": person.user,
        "workspace_id": _WORKSPACE,
        "event_trace_id": f"{digits[4]:032x}",
        "event_type": deed,
        "event_time": f"{day}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{fraction:03d}Z",
        "resource_type": "DESKTOP",
        "resource_id": f"{person.number:08x}-2f7e-4c8a-9d7b-1b6a5d0c4e11",
        "resource_name": person.desktop,
        "client_type": person.system,
        "client_ip": person.terminal_ip,
        "client_mac": person.mac,
        "client_version": person.client,
        "source_ip": person.egress_ip,
        "is_success": failure is None,
        "error_code": failure.code if failure else "",
        "error_msg": failure.words if failure else "",
        "action_type": "USER" if deed in _LOGINS or digits[7] % 5 else "SYSTEM",
    }


_FILTERS = {
    "username": "username",
    "event_type": "event_type",
    "resource_id": "resource_id",
    "resource_name": "resource_name",
    "domain": None,
}


def _passes(found: Event, parameters: Mapping[str, Value]) -> bool:
    """Whether an event has what every filter asks for; no event names its domain, so that any domain will do."""
    return all(
        field is None or found[field] in str(parameters[name]).split(",")
        for name, field in _FILTERS.items()
        if name in parameters
    )
