"""What can go wrong around one call, by names that read well in a failing script."""

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from obstore.exceptions import AlreadyExistsError, GenericError, PermissionDeniedError
from obstore.store import ObjectStoreMethods

from local.standin import (
    DROP_BEFORE_WORK,
    LOSE_ANSWER,
    Arrivals,
    Fate,
    Fault,
    Misstate,
    Replace,
    Rewrite,
    Truncate,
    answer,
    error,
    expires,
    fails,
    html_page,
    listed_late,
    never_finishes,
    server_error,
    throttled,
    vanishes,
)


@dataclass(frozen=True)
class Dies:
    """The function is killed right after so many side effects."""

    after_effects: int


@dataclass(frozen=True)
class Overtaken:
    """The same event is delivered once more, and handled by another container from first to last at that moment."""

    after_effects: int


@dataclass(frozen=True)
class Storage:
    """Object storage does this to the n-th operation of a call, and to as many as follow.

    Attributes:
        does: a key of `_STORAGE`.
        at: the first operation to suffer, from 1.
        times: how many suffer.
    """

    does: str
    at: int
    times: int = 1


Mishap = Dies | Overtaken | Storage | None

REFUSES, DENIES, LOSES, REPEATS = "refuses", "denies", "loses the answer", "hears a create twice"
STORAGE = (REFUSES, DENIES, LOSES, REPEATS)
"""The last: its answer to a create is lost on the way, and the storage client's own retry finds the key taken."""

UNAVAILABLE, BAD = "VendorUnavailable", "BadFile"

ANY_CALL: Mapping[str, tuple[Fault, set[str]]] = {
    "429": (throttled(), {"Throttled"}),
    "429 for two seconds": (throttled("2"), {"Throttled"}),
    "429 for an hour": (throttled("3600"), {"Throttled"}),
    "500": (server_error(), {UNAVAILABLE}),
    "503": (server_error(503), {UNAVAILABLE}),
    "a proxy's 502": (html_page(502), {UNAVAILABLE}),
    "a reset before the work": (DROP_BEFORE_WORK, {UNAVAILABLE}),
    "a lost answer": (LOSE_ANSWER, {UNAVAILABLE}),
    "401": (error(401, "APIGW.0301", "Incorrect IAM authentication information"), {"Unauthorized"}),
    "400": (error(400, "WKS.0001", "No"), {"Rejected"}),
    "an empty 200": (answer(200, b"{}"), {"UnexpectedAnswer", BAD}),
    "a web page": (html_page(200), {"UnexpectedAnswer", BAD}),
}
"""What any operation may meet, and the errors that this may end in."""

ORDERS: Mapping[str, Fate] = {
    "fails": fails("The disk is full"),
    "expires at once": expires(0),
    "expires after an hour": expires(3600),
    "never finishes": never_finishes(),
    "takes ten minutes": Fate(task_seconds=600),
    "vanishes": vanishes(),
    "is listed after two minutes": listed_late(120),
    "ends in an unknown word": Fate(ending="PAUSED"),
}
"""What becomes of an order's task."""

DOWNLOADS: Mapping[str, tuple[Fault, set[str]]] = {
    "cut short": (Truncate(1000), {BAD, UNAVAILABLE}),
    "cut cleanly": (Truncate(1000, declared=False), {BAD}),
    "cut between chunks": (Truncate(1000, chunked=True), {BAD, UNAVAILABLE}),
    "reset on the way": (Truncate(1000, reset=True), {BAD, UNAVAILABLE}),
    "another file": (Replace(), {BAD}),
    "without a version": (Misstate({"ETag": None, "Last-Modified": None}), set()),
    "gone": (error(400, "WKS.00211102", "The file has expired"), {"FileExpired"}),
    "unknown": (error(404, "WKS.00081103", "not found"), {"TaskLost"}),
    "an error in a 200": (answer(200, b'{"error_code":"WKS.1"}'), {BAD}),
}
"""What a download may meet besides, and the errors that this may end in."""

SHOWS_NOTHING, STRANGER = "an empty list", "a stranger's order"
LISTS: Mapping[str, tuple[Fault, set[str]]] = {
    SHOWS_NOTHING: (Rewrite(lambda document: document | {"export_tasks": []}), {"TaskLost", "Rejected"}),
    STRANGER: (Arrivals(1), set()),
}
"""What the list may come to besides."""

BAD_AS_A_WHOLE = {"an empty 200", "a web page", "an error in a 200", "gone", "unknown"}
"""Answers after which nobody expects the file of that task any more."""

MAY_HAVE_BEEN_DONE = {"500", "503", "a proxy's 502", "a reset before the work", "a lost answer"}
NAMES_NO_TASK = {"an empty 200", "a web page"}
REPLACES = "another file"
LOSES_ANSWER = "a lost answer"


_EVER = {**ANY_CALL, **DOWNLOADS, **LISTS}


def fault_of(name: str) -> Fault:
    """By its name."""
    return ORDERS[name] if name in ORDERS else _EVER[name][0]


def errors_of(name: str) -> set[str]:
    """What it may end in; a task's fate shows later."""
    return set() if name in ORDERS else _EVER[name][1]


_READS = ("get", "list", "list_with_delimiter")
_CHANGES = ("put", "delete")


class Misbehaviour:
    """Stands between the product and obstore, and counts a call's operations; outside of a call it does nothing."""

    def __init__(self) -> None:
        self._planned: Storage | None = None
        self._count = math.nan
        self._lock = threading.Lock()
        self.happened = False

    def install(self, replace: Callable[[type, str, Any], None]) -> None:
        """Puts itself there, for storage of any kind."""
        for name in (*_READS, *_CHANGES):
            replace(ObjectStoreMethods, name, self._suffering(name, getattr(ObjectStoreMethods, name)))

    @contextmanager
    def during(self, planned: Storage | None) -> Iterator[None]:
        """One call."""
        self._planned, self._count, self.happened = planned, 0, False
        try:
            yield
        finally:
            self._planned = None

    def _is_due(self) -> str | None:
        with self._lock:
            self._count += 1
            planned = self._planned
            is_due = planned and planned.at <= self._count < planned.at + planned.times
            self.happened |= bool(is_due)
            return planned.does if planned and is_due else None

    def _suffering(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def suffering(*args: Any, **kwargs: Any) -> Any:
            does = self._is_due()
            if does == DENIES:
                raise PermissionDeniedError("<Code>AccessDenied</Code>")
            if does and (does == REFUSES or name in _READS):
                raise GenericError("<Code>SlowDown</Code>")
            result = method(*args, **kwargs)
            if does == REPEATS and kwargs.get("mode") == "create":
                raise AlreadyExistsError("it is there")
            if does == LOSES:
                raise GenericError("HttpError { kind: Timeout")
            return result

        return suffering
