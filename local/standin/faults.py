"""What can befall a call to the vendor, as data.

A fault is answered once, to the next call of its operation that carries a right signature: a client that signs badly
must not be able to hide behind a fault. A new kind of fault is a new dataclass here and a branch in the server.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from local.faults import DROP_BEFORE_WORK, LOSE_ANSWER, Drop, Hang
from local.standin.messages import JSON_TYPE, Answer
from local.standin.operations import DOWNLOAD, EXPORTS
from local.standin.tasks import Fate


@dataclass(frozen=True)
class Truncate:
    """End a download early.

    Declared, there is a Content-Length that falls short; chunked, the last chunk is missing. Neither, and the end looks
    clean. Before it ends, the connection may be silent for some real seconds; reset, what is on its way may
    be lost too.
    """

    keep_bytes: int
    declared: bool = True
    chunked: bool = False
    silent_seconds: float = 0.0
    reset: bool = False


@dataclass(frozen=True)
class Replace:
    """Put another file in the task's place, so many bytes longer, and answer with that one."""

    longer_by: int = 0


@dataclass(frozen=True)
class Misstate:
    """Answer a download with these headers in place of the true ones; None leaves one out."""

    headers: Mapping[str, str | None]


Fault = Answer | Drop | Hang | Truncate | Replace | Misstate | Fate


def answer(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
    """Answer exactly this instead of doing the work."""
    return Answer(status=status, headers=headers or {}, body=body)


def error(status: int, code: str, message: str) -> Answer:
    """Answer an error in the vendor's own shape."""
    body = json.dumps({"error_code": code, "error_msg": message}).encode()
    return answer(status, body, {"Content-Type": JSON_TYPE})


def throttled(retry_after: str | None = None) -> Answer:
    """Answer 429 with the gateway's text; ``retry_after`` goes out as written, sense or nonsense."""
    refused = error(429, "APIGW.0308", "The throttling threshold has been reached: policy user over ratelimit")
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Answer(status=429, headers={**refused.headers, **headers}, body=refused.body)


def server_error(status: int = 500) -> Answer:
    """Answer a failure of the service."""
    return error(status, "WKS.00211401", "Internal error, try again later")


def html_page(status: int) -> Answer:
    """Answer what a proxy says; with status 200 it is the wrong bytes of a download."""
    body = b"<html><head><title>proxy</title></head><body>The page you asked for is not here.</body></html>"
    return answer(status, body, {"Content-Type": "text/html; charset=utf-8"})


def fails(reason: str, error_code: str = "WKS.00211401") -> Fate:
    """Make the task end as FAIL."""
    return Fate(ending="FAIL", fail_reason=reason, error_code=error_code)


def expires(after_seconds: float) -> Fate:
    """Make the file go away so long after the task has succeeded."""
    return Fate(expires_after_seconds=after_seconds)


def never_finishes() -> Fate:
    """Leave the task at CREATING for ever."""
    return Fate(task_seconds=math.inf)


def vanishes() -> Fate:
    """Accept the task and never list it."""
    return Fate(listed_after_seconds=math.inf)


def listed_late(after_seconds: float) -> Fate:
    """List the task only after a while."""
    return Fate(listed_after_seconds=after_seconds)


RANDOM_FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "throttled": throttled(),
        "500": server_error(500),
        "503": server_error(503),
        "dropped": DROP_BEFORE_WORK,
        "answer lost": LOSE_ANSWER,
    }
)
"""What any call may meet at any time; all of it passes."""


def random_faults(_operation: str) -> Mapping[str, Fault]:
    """What a call of the operation may meet at any time."""
    return RANDOM_FAULTS


def check_fit(operation: str, fault: Fault) -> None:
    """Raise ValueError for a fault that the operation could never show."""
    if isinstance(fault, Fate) and operation not in EXPORTS:
        raise ValueError(f"a task's fate is scripted on its creation, not on {operation!r}")
    if isinstance(fault, Truncate | Replace | Misstate) and operation != DOWNLOAD.name:
        raise ValueError(f"only a download can suffer a {type(fault).__name__}, not {operation!r}")
