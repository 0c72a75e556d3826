"""ListUserEvents: what users did, in a list that is read by offset and may move between two pages."""

import random
import threading
from bisect import bisect_left, insort
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from local.standin.columns import CANARY_IP, CANARY_MAC, CANARY_USER
from local.standin.messages import Answer, json_answer
from local.standin.parameters import Value
from local.standin.reading import Reading
from local.standin.refusals import invalid

_DEFAULT_LIMIT = 100
_MINUTES_OF_A_DAY = 24 * 60
_RUSHES = ((8 * 60 + 40, 25, 0.3), (13 * 60 + 5, 20, 0.15), (18 * 60, 30, 0.15))
"""When most people come, come back and go: minute of the day, spread, share."""
_LOGINS = ("LOGIN_PASSWORD", "LOGIN_SMS", "LOGIN_AD", "LOGIN_MFA")
_DEEDS = (*_LOGINS, "CONNECT_DESKTOP", "DISCONNECT_DESKTOP", "START_DESKTOP", "STOP_DESKTOP", "MODIFY_PASSWORD")
_CLIENTS = ("Windows", "Mac", "Linux", "Android", "Web")
_REFUSALS = ("WKS.0503", "The user name or password is incorrect")

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
        reading: how bounds are read.
        deepest: largest sum of offset and limit; None for no limit. Undocumented at the vendor.
    """

    per_day: int = 40
    burst: int = 0
    restless: bool = False
    reading: Reading = field(default_factory=Reading)
    deepest: int | None = 10_000
    _days: dict[tuple[str, date], "_Day"] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, project_id: str, parameters: Mapping[str, Value], span: tuple[datetime, datetime]) -> Answer:
        """One page, newest first, and the number of all events that match."""
        offset, limit = int(str(parameters.get("offset", 0))), int(str(parameters.get("limit", _DEFAULT_LIMIT)))
        if self.deepest is not None and offset + limit > self.deepest:
            raise invalid("offset", f"offset and limit together are at most {self.deepest}")
        with self._lock:
            found = self._matching(project_id, parameters, span)
        found.reverse()
        if self.restless:
            found.sort(key=lambda item: (-item[0].toordinal(), -(item[1][0] // 1000), random.random()))  # noqa: S311 - no secret
        page = [event(day, key, project_id) for day, key in found[offset : offset + limit]]
        return json_answer({"count": len(found), "items": page})

    def events(self, project_id: str, day: date) -> list[Event]:
        """All events of a day, oldest first."""
        with self._lock:
            return [event(day, key, project_id) for key in self._day(project_id, day).keys]

    def arrive(self, project_id: str, day: date, count: int) -> None:
        """Record events of a past day late; a negative number removes as many."""
        with self._lock:
            self._day(project_id, day).change(count)

    def _matching(
        self, project_id: str, parameters: Mapping[str, Value], span: tuple[datetime, datetime]
    ) -> list[tuple[date, Key]]:
        since, until = self.reading.half_open(*span)
        days = (since.date() + timedelta(days=n) for n in range((until.date() - since.date()).days + 1))
        found = ((day, key) for day in days for key in self._day(project_id, day).between(day, since, until))
        if not parameters.keys() & _FILTERS.keys():
            return list(found)
        return [(day, key) for day, key in found if _passes(event(day, key, project_id), parameters)]

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
        for _ in range(count):
            insort(self.keys, (self._time(), max(serial for _, serial in self.keys) + 1))
        for _ in range(-count):
            self.keys.pop(self._chance.randrange(len(self.keys)))


def _milliseconds(day: date, moment: datetime) -> int:
    return (moment - datetime(day.year, day.month, day.day, tzinfo=UTC)) // timedelta(milliseconds=1)


def event(day: date, key: Key, project_id: str) -> Event:
    """One event as the vendor writes it; some fields are missing where they mean nothing."""
    milliseconds, serial = key
    chance = random.Random(f"{day}/{serial}")  # noqa: S311 - repeatable, not secret
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    person, deed = chance.randrange(500), chance.choice(_DEEDS)
    is_success = chance.random() > 0.05  # noqa: PLR2004 - a login fails now and then
    code, words = ("", "") if is_success else _REFUSALS
    return {
        "project_id": project_id,
        "username": f"{CANARY_USER}.{person:04d}",
        "workspace_id": "5d3a4f0d7c1e4c2f9a51b5a5a1f6c001",
        "event_trace_id": f"{chance.getrandbits(32) % 1000:032x}",
        "event_type": deed,
        "event_time": f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z",
        "resource_type": "DESKTOP",
        "resource_id": f"{person:08x}-2f7e-4c8a-9d7b-1b6a5d0c4e11",
        "resource_name": f"desk-{person:04d}",
        "client_type": chance.choice(_CLIENTS),
        "client_ip": f"10.{person % 8}.{person // 8 % 250}.{chance.randrange(1, 250)}",
        "client_mac": CANARY_MAC,
        "client_version": "24.6.3",
        "source_ip": CANARY_IP,
        "is_success": is_success,
        "error_code": code,
        "error_msg": words,
        "action_type": "USER" if deed in _LOGINS or chance.random() > 0.2 else "SYSTEM",  # noqa: PLR2004 - as it may be
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
