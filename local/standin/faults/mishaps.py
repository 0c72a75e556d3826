"""What can befall an answer of the vendor on its way, as data; each kind has a branch in `local.standin.front`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.faults.connections import Drop, Hang
from local.standin.messages import Answer
from local.standin.operations import DOWNLOAD, EXPORTS, LIST, TOKENS, USER_EVENTS
from local.standin.tasks import Fate


@dataclass(frozen=True)
class Truncate:
    """End an answer early.

    Declared, there is a Content-Length that falls short; chunked, the last chunk is missing. Neither, and the end looks
    clean. Before it ends, the connection may be silent for some real seconds; reset, what is on its way may
    be lost too. Ranged, it is a 206 that says which bytes these are, although no range was asked for.
    """

    keep_bytes: int
    declared: bool = True
    chunked: bool = False
    silent_seconds: float = 0.0
    reset: bool = False
    ranged: bool = False


@dataclass(frozen=True)
class Drip:
    """Send the right answer so many bytes at a time, real seconds of silence before each; its head too, if told so."""

    bytes_at_a_time: int
    pause_seconds: float
    head: bool = False


@dataclass(frozen=True)
class Prolong:
    """Send this junk after the right answer, so many times over.

    Counted, the Content-Length covers it; else it comes after what was declared. ``times`` of None never ends, in
    chunks, since no length could announce it.
    """

    junk: bytes
    times: int | None = 1
    counted: bool = True


@dataclass(frozen=True)
class Replace:
    """Put another file in the task's place, so many bytes longer, and answer with that one."""

    longer_by: int = 0


@dataclass(frozen=True)
class Misstate:
    """Send these headers in place of the true ones, None leaves one out; and this status, where it is given."""

    headers: Mapping[str, str | None]
    status: int | None = None


@dataclass(frozen=True)
class Rewrite:
    """Do the work, and answer with what the function makes of the right JSON."""

    change: Callable[[Any], Any]


@dataclass(frozen=True)
class Skew:
    """Refuse like a gateway whose clock is so many seconds ahead of ours, or behind: signature and Date are judged."""

    seconds: float


@dataclass(frozen=True)
class Revoke:
    """Void the token that came with the call, before its time, and refuse it; a signed call is served."""


@dataclass(frozen=True)
class Arrivals:
    """Have strangers order so many tasks just before the list is answered.

    In the list of user events, as many events of the day come in late; a negative number of them goes.
    """

    count: int


Fault = (
    Answer | Drop | Hang | Truncate | Drip | Prolong | Replace | Misstate | Rewrite | Skew | Revoke | Arrivals | Fate
)


def check_fit(operation: str, fault: Fault) -> None:
    """Raise ValueError for a fault that the operation could never show."""
    kind = type(fault).__name__
    if isinstance(fault, Fate) and operation not in EXPORTS:
        raise ValueError(f"a task's fate is scripted on its creation, not on {operation!r}")
    if isinstance(fault, Replace) and operation != DOWNLOAD.name:
        raise ValueError(f"only a download can suffer a {kind}, not {operation!r}")
    if isinstance(fault, Rewrite) and operation == DOWNLOAD.name:
        raise ValueError(f"only JSON can suffer a {kind}, not {operation!r}")
    if isinstance(fault, Arrivals) and operation not in {LIST.name, USER_EVENTS.name}:
        raise ValueError(f"only a list can suffer {kind}, not {operation!r}")
    if isinstance(fault, Skew | Revoke) and operation == TOKENS.name:
        raise ValueError(f"only a call that is signed or has a token can suffer a {kind}, not {operation!r}")
