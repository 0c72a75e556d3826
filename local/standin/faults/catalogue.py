"""Every fault that has a name: for dice, for the demo, and for the table of what becomes of each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from local.faults.connections import DROP_BEFORE_WORK, LOSE_ANSWER, Hang
from local.standin.faults import shapes
from local.standin.faults.answers import answer, error, html_page, redirect, server_error, throttled
from local.standin.faults.fates import (
    disappears,
    ends_as,
    expires,
    fails,
    listed_late,
    never_finishes,
    vanishes,
)
from local.standin.faults.mishaps import (
    Arrivals,
    Drip,
    Fault,
    Misstate,
    Prolong,
    Replace,
    Revoke,
    Rewrite,
    Skew,
    Truncate,
)
from local.standin.operations import DOWNLOAD, EXPORTS, LIST, OPERATIONS, PROJECTS, TOKENS, USER_EVENTS

ELSEWHERE = "https://elsewhere.invalid/page?X-Signature=somebody"
"""A foreign host that does not exist."""


class Course(Enum):
    """How it ends for a client that does everything right."""

    PASSES = "passes when the same is tried again, or does no harm at all"
    FAILS = "ends the export, or costs a second order; no repetition of the call helps"
    LASTS = "is over only after minutes or days"


@dataclass(frozen=True, kw_only=True)
class Named:
    """A fault with what to say of it; ``on`` names the operations where it makes sense."""

    fault: Fault
    says: str
    course: Course
    on: Collection[str]


_ALL = frozenset(OPERATIONS)
_FILE = frozenset({DOWNLOAD.name})
_JSON = _ALL - _FILE
_OBJECTS = frozenset({*EXPORTS, USER_EVENTS.name, LIST.name, PROJECTS.name, TOKENS.name})
_SIGNED = _ALL - {TOKENS.name}
_ORDERS = frozenset(EXPORTS)
_LIST = frozenset({LIST.name})


def _named(course: Course, on: Collection[str], faults: Mapping[str, tuple[Fault, str]]) -> dict[str, Named]:
    return {name: Named(fault=fault, says=says, course=course, on=on) for name, (fault, says) in faults.items()}


FAULTS: Mapping[str, Named] = MappingProxyType(
    _named(
        Course.PASSES,
        _ALL,
        {
            "throttled": (throttled(), "429 without a word on when to return"),
            "throttled-for-a-second": (throttled("1"), "429 with Retry-After: 1"),
            "throttled-for-an-hour": (throttled("3600"), "429 with a Retry-After longer than any function lives"),
            "throttled-nonsense": (throttled("-1e9"), "429 with a Retry-After that makes no sense"),
            "server-error": (server_error(500), "500 in the vendor's words"),
            "unavailable": (server_error(503), "503 in the vendor's words"),
            "html-page": (html_page(502), "502 with a proxy's page"),
            "dropped": (DROP_BEFORE_WORK, "the connection is reset before the work is done"),
            "lost-answer": (LOSE_ANSWER, "the work is done, then the connection is reset"),
            "slow-answer": (Hang(0.5), "half a second of silence before the answer"),
            "dripping": (Drip(256, 0.005), "the body comes 256 bytes at a time"),
            "dripping-head": (Drip(64, 0.005, head=True), "the head comes 64 bytes at a time, and so does the body"),
            "cut-short": (Truncate(10), "the body ends before its declared length"),
            "cut-in-chunks": (Truncate(10, chunked=True), "the last chunk is missing"),
            "reset-amid-answer": (Truncate(10, reset=True), "the connection is reset after ten bytes of body"),
            "junk-behind": (Prolong(b"junk", counted=False), "more bytes come than were declared"),
            "wrong-type": (Misstate({"Content-Type": "text/html"}), "a content type that is not true"),
            "no-date": (Misstate({"Date": None}), "no Date"),
            "garbled-date": (Misstate({"Date": "yesterday"}), "a Date that is none"),
            "first-date": (Misstate({"Date": "Mon, 01 Jan 0001 00:00:00 GMT"}), "the first Date there is"),
            "last-date": (Misstate({"Date": "Fri, 31 Dec 9999 23:59:59 GMT"}), "the last Date there is"),
        },
    )
    | _named(Course.PASSES, _SIGNED, {"revoked-token": (Revoke(), "a token is void before its time")})
    | _named(Course.PASSES, _JSON, {"endless": (Prolong(b" " * 65536, None), "the body never ends")})
    | _named(
        Course.PASSES,
        _FILE,
        {
            "cut-file": (Truncate(4000), "the file breaks off after 4,000 bytes"),
            "cut-file-unnoticed": (Truncate(4000, declared=False), "the file breaks off and looks complete"),
            "page-for-file": (html_page(200), "200 with a proxy's page in the place of the file"),
            "error-for-file": (error(200, "WKS.0001", "odd"), "200 with an error in the place of the file"),
            "longer-file": (Prolong(b"junk"), "the file is followed by junk that is counted as its own"),
            "replaced-file": (Replace(1), "another file takes the place of the one that was made"),
            "wrong-range": (Misstate({"Content-Range": "bytes 0-9/10"}), "a Content-Range that is not true"),
            "wrong-version": (Misstate({"ETag": '"other"'}), "the ETag of another version"),
            "encoded-file": (Misstate({"Content-Encoding": "gzip"}), "a Content-Encoding that was not requested"),
        },
    )
    | _named(
        Course.PASSES,
        _LIST,
        {
            "doubled-list": (Rewrite(shapes.doubled), "every task is listed twice"),
            "arrivals": (Arrivals(150), "strangers order 150 tasks between one page and the next"),
        },
    )
    | _named(Course.PASSES, _ORDERS, {"listed-late": (listed_late(2.0), "the task is listed after two seconds")})
    | _named(
        Course.FAILS,
        _ALL,
        {
            **{
                f"redirect-{status}": (redirect(status, ELSEWHERE), f"{status} to a foreign host")
                for status in (301, 302, 303, 307, 308)
            },
            "redirect-to-http": (redirect(302, "http://elsewhere.invalid/"), "302 to a host without TLS"),
            "redirect-nowhere": (redirect(302, None), "302 without a Location"),
            "redirect-garbled": (redirect(302, "file:x"), "302 to a text that is no address"),
            "redirect-misspelt": (redirect(302, "http://xn--a"), "302 to a host that no name can have"),
            "bad-request": (error(400, "WKS.00211102", "Invalid parameter"), "400 in the vendor's words"),
            "unauthorized": (error(401, "APIGW.0301", "Incorrect IAM authentication information"), "401"),
            "forbidden": (error(403, "APIGW.0302", "no permission"), "403"),
            "not-offered": (error(404, "APIGW.0101", "The API does not exist"), "404 of the gateway"),
            "no-content": (answer(204), "204, with nothing in it"),
        },
    )
    | _named(
        Course.FAILS,
        _SIGNED,
        {
            "clock-ahead": (Skew(3600.0), "the gateway's clock is an hour ahead"),
            "clock-behind": (Skew(-3600.0), "the gateway's clock is an hour behind"),
        },
    )
    | _named(
        Course.FAILS,
        _OBJECTS,
        {
            "page-for-json": (html_page(200), "200 with a proxy's page in the place of JSON"),
            "error-inside-200": (error(200, "WKS.0001", "odd"), "200 with an error, and nothing was done"),
            "error-after-work": (Rewrite(shapes.complaining), "200 with an error, though the work was done"),
            "half-json": (Truncate(10, declared=False), "ten bytes of JSON that look complete"),
            "junk-after-json": (Prolong(b'{"junk'), "JSON followed by junk that is counted as its own"),
            "list-for-object": (Rewrite(shapes.as_list), "a list where an object is due"),
            "objects-for-values": (Rewrite(shapes.as_objects), "objects where texts and lists are due"),
            "numbers-for-ids": (Rewrite(shapes.numbered), "numbers where ids are due"),
            "nulls-for-ids": (Rewrite(shapes.nulled), "nulls where ids are due"),
            "climbing-ids": (Rewrite(shapes.climbing), "ids that climb out of a path"),
            "empty-object": (Rewrite(shapes.emptied), "an object with nothing in it"),
        },
    )
    | _named(
        Course.FAILS,
        _LIST,
        {
            "unknown-status": (Rewrite(shapes.reworded("PAUSED")), "a status that is not documented"),
            "unprintable-words": (Rewrite(shapes.unprintable), "file names and reasons that no UTF-8 can hold"),
        },
    )
    | _named(
        Course.FAILS,
        _ORDERS,
        {
            "task-failed": (fails("the disk is full"), "the task ends in FAIL"),
            "task-expired": (expires(0), "the file is gone as soon as it is made"),
        },
    )
    | _named(
        Course.LASTS, _ALL, {"silence": (Hang(60.0, after_work=True), "the work is done, then a minute's silence")}
    )
    | _named(Course.LASTS, _FILE, {"endless-file": (Prolong(bytes(65536), None), "the file never ends")})
    | _named(
        Course.LASTS,
        _ORDERS,
        {
            "task-paused": (ends_as("PAUSED"), "the task ends in a status that is not documented"),
            "task-stuck": (never_finishes(), "the task never ends"),
            "task-vanished": (vanishes(), "the task is accepted and never listed"),
            "task-disappeared": (disappears(1.0), "the task is listed for a second"),
        },
    )
)
"""By name."""

PASSING = frozenset(name for name, named in FAULTS.items() if named.course is Course.PASSES)
"""What dice may throw at whoever is to get everything done all the same."""

RANDOM_FAULTS = ("throttled", "server-error", "unavailable", "dropped", "lost-answer")
"""What dice throw where no names are given: what any service shows now and then."""


def faults_for(operation: str, names: Collection[str] = FAULTS) -> Mapping[str, Fault]:
    """Those of the names that the operation can meet."""
    return {name: FAULTS[name].fault for name in names if operation in FAULTS[name].on}


def check_names(names: Collection[str]) -> None:
    """Raise ValueError for a name that no fault has."""
    if unknown := [name for name in names if name not in FAULTS]:
        raise ValueError(f"no fault is called {', '.join(map(repr, unknown))}")
