"""What can go wrong around one call, by names that read well in a failing script."""

import math
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from obstore.exceptions import AlreadyExistsError, GenericError, PermissionDeniedError
from obstore.store import ObjectStoreMethods

from local.faults.connections import DROP_BEFORE_WORK, LOSE_ANSWER
from local.standin.faults.answers import answer, error, html_page, redirect, server_error, throttled
from local.standin.faults.fates import expires, fails, listed_late, never_finishes, vanishes
from local.standin.faults.mishaps import Arrivals, Fault, Misstate, Replace, Rewrite, Truncate
from local.standin.tasks import Fate


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

Meant = tuple[Fault, set[str]]
"""What happens, and the errors that this may end in."""

GARBLED: Mapping[str, Meant] = {
    "an empty 200": (answer(200, b"{}"), {UNAVAILABLE, BAD}),
    "a web page": (html_page(200), {UNAVAILABLE, BAD}),
    "a list in a 200": (answer(200, b'["task_id", "export_tasks"]'), {UNAVAILABLE, BAD}),
    "objects for values": (answer(200, b'{"task_id": {"v": 1}, "export_tasks": {"v": []}}'), {UNAVAILABLE, BAD}),
    "a redirect": (redirect(302, "https://elsewhere.invalid/"), {UNAVAILABLE}),
    "a 202": (answer(202), {UNAVAILABLE}),
    "a 204": (answer(204), {UNAVAILABLE, BAD}),
    "a 205": (answer(205), {UNAVAILABLE, BAD}),
    "a 206 without a range": (answer(206, b"PK"), {UNAVAILABLE, BAD}),
}
"""Answers that are not understood as a whole: they may pass, and the order that met one may have been done."""

ANY_CALL: Mapping[str, Meant] = {
    "429": (throttled(), {"Throttled"}),
    "429 for two seconds": (throttled("2"), {"Throttled"}),
    "429 for an hour": (throttled("3600"), {"Throttled"}),
    "429 in a 200": (error(200, "APIGW.0308", "The throttling threshold has been reached"), {"Throttled"}),
    "500": (server_error(), {UNAVAILABLE}),
    "503": (server_error(503), {UNAVAILABLE}),
    "a proxy's 502": (html_page(502), {UNAVAILABLE}),
    "a reset before the work": (DROP_BEFORE_WORK, {UNAVAILABLE}),
    "a lost answer": (LOSE_ANSWER, {UNAVAILABLE}),
    "401": (error(401, "APIGW.0301", "Incorrect IAM authentication information"), {"Unauthorized"}),
    "401 in a 200": (error(200, "APIGW.0301", "Incorrect IAM authentication information"), {"Unauthorized"}),
    "400": (error(400, "WKS.0001", "No"), {"Rejected"}),
    "an unknown code in a 200": (error(200, "WKS.0001", "odd"), {"Rejected", BAD}),
    **GARBLED,
}
"""What any operation may meet."""

NO_DATA = "has no data"
ORDERS: Mapping[str, Fate] = {
    "fails": fails("The disk is full"),
    NO_DATA: fails("No data"),
    "expires at once": expires(0),
    "expires after an hour": expires(3600),
    "never finishes": never_finishes(),
    "takes ten minutes": Fate(task_seconds=600),
    "vanishes": vanishes(),
    "is listed after two minutes": listed_late(120),
    "ends in an unknown word": Fate(ending="PAUSED"),
}
"""What becomes of an order's task."""

OTHER_TYPE = "a file of another type"
OTHER_TYPE_BYTES = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
"""Begins as an encrypted workbook does."""
DOWNLOADS: Mapping[str, Meant] = {
    "cut short": (Truncate(1000), {BAD, UNAVAILABLE}),
    "cut cleanly": (Truncate(1000, declared=False), {BAD}),
    "cut between chunks": (Truncate(1000, chunked=True), {BAD, UNAVAILABLE}),
    "reset on the way": (Truncate(1000, reset=True), {BAD, UNAVAILABLE}),
    "an unasked 206": (Truncate(1000, ranged=True), {BAD, UNAVAILABLE}),
    "a 203": (Misstate({}, status=203), set()),
    "another file": (Replace(), {BAD}),
    "without a version": (Misstate({"ETag": None, "Last-Modified": None}), set()),
    "gone": (error(400, "WKS.00211102", "The file has expired"), {"FileExpired"}),
    "gone in a 200": (error(200, "WKS.00211102", "The file has expired"), {"FileExpired"}),
    "unknown": (error(404, "WKS.00081103", "not found"), {"TaskLost"}),
    "an error in a 200": (answer(200, b'{"error_code":"WKS.1"}'), {BAD}),
    "not a byte": (answer(200), {BAD}),
    OTHER_TYPE: (answer(200, OTHER_TYPE_BYTES), {BAD}),
}
"""What a download may meet besides."""

SHOWS_NOTHING, STRANGER = "an empty list", "a stranger's order"
LISTS: Mapping[str, Meant] = {
    SHOWS_NOTHING: (Rewrite(lambda document: document | {"export_tasks": []}), {"TaskLost", "Rejected"}),
    STRANGER: (Arrivals(1), set()),
}
"""What the list may come to besides."""

BAD_AS_A_WHOLE = {
    "an empty 200",
    "a web page",
    "a list in a 200",
    "objects for values",
    "an unknown code in a 200",
    "an error in a 200",
    "gone",
    "gone in a 200",
    "unknown",
    "not a byte",
    OTHER_TYPE,
}
"""Answers after which nobody expects the file of that task any more."""

MAY_HAVE_BEEN_DONE = {"500", "503", "a proxy's 502", "a reset before the work", "a lost answer", *GARBLED}
RARE = {"401", "401 in a 200"}
"""Little happens after these."""
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
