"""What can befall a call to storage, as data, and the faults that everybody knows, by name."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from local.faults.connections import DROP_BEFORE_WORK, LOSE_ANSWER, Drop, Hang
from tests.support.servers.faulty_storage.operations import OPERATIONS, READS, WRITES

_XML = "application/xml"


@dataclass(frozen=True)
class Answer:
    """Answer exactly this instead of doing the work."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reset:
    """Reset the connection instead of answering, before the work or after it; a drop only closes it."""

    after_work: bool = False


@dataclass(frozen=True)
class CutOff:
    """Do the work and break the answer off: its length is announced, and the connection ends before."""

    keep_bytes: int


@dataclass(frozen=True)
class CutShort:
    """Do the work and answer the beginning as if it were all."""

    keep_bytes: int


@dataclass(frozen=True)
class Garble:
    """Do the work and answer other bytes, as many as there are."""


@dataclass(frozen=True)
class Stale:
    """List without the last objects that were written; None for all that were written through here."""

    unseen: int | None = None


Fault = Answer | Drop | Reset | Hang | CutOff | CutShort | Garble | Stale


def refusal(status: int, code: str, message: str = "Said by a storage that misbehaves.") -> Answer:
    """Refuse in S3's own shape."""
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>'
        "<RequestId>MISBEHAVING</RequestId><HostId>misbehaving</HostId></Error>"
    )
    return Answer(status, body.encode(), {"Content-Type": _XML, "x-amz-request-id": "MISBEHAVING"})


_PAGE = b"<html><head><title>Sign in</title></head><body>Accept the terms of this network.</body></html>"
_ON = frozenset(OPERATIONS)
_OBJECT_WRITES = _ON - READS - {"other"}
_BODIES = frozenset({"get", "list"})
_CONDITIONAL = frozenset({"create"})

_CATALOGUE: Mapping[str, tuple[Fault, frozenset[str]]] = {
    "SlowDown": (refusal(503, "SlowDown", "Please reduce your request rate."), _ON),
    "InternalError": (refusal(500, "InternalError"), _ON),
    "ServiceUnavailable": (refusal(503, "ServiceUnavailable"), _ON),
    "dropped": (DROP_BEFORE_WORK, _ON),
    "answer lost": (LOSE_ANSWER, _ON),
    "RequestTimeout": (refusal(400, "RequestTimeout"), _ON),
    "error inside 200": (refusal(200, "InternalError"), frozenset({"complete-multipart"})),
    "body breaks off": (CutOff(20), _BODIES),
    "listing cut short": (CutShort(200), frozenset({"list"})),
    "other bytes": (Garble(), frozenset({"get"})),
    "captive page": (Answer(200, _PAGE, {"Content-Type": "text/html"}), _ON),
    "stale listing": (Stale(), frozenset({"list"})),
    "not found": (refusal(404, "NoSuchKey"), frozenset({"get", "head"})),
    "PreconditionFailed": (refusal(412, "PreconditionFailed"), _CONDITIONAL),
    "ConditionalRequestConflict": (refusal(409, "ConditionalRequestConflict"), _CONDITIONAL),
    "AccessDenied": (refusal(403, "AccessDenied"), _ON),
    "ExpiredToken": (refusal(400, "ExpiredToken"), _ON),
    "RequestExpired": (refusal(403, "RequestExpired"), _ON),
    "KMS.DisabledException": (refusal(400, "KMS.DisabledException"), WRITES | {"get", "create-multipart"}),
    "KMS denied": (
        refusal(403, "AccessDenied", "User is not authorized to perform: kms:GenerateDataKey on this resource"),
        WRITES | {"get", "create-multipart", "upload-part"},
    ),
    "hang": (Hang(3600), _ON),
    "hang after work": (Hang(3600, after_work=True), _OBJECT_WRITES),
}

FAULTS: Mapping[str, Fault] = MappingProxyType({name: fault for name, (fault, _) in _CATALOGUE.items()})
"""By name. Those that hang are silent until the caller gives up."""

REPEATED = ("SlowDown", "InternalError", "ServiceUnavailable", "dropped", "answer lost")
"""What a storage client tries again by itself."""

PASSING = (
    *REPEATED,
    "RequestTimeout",
    "error inside 200",
    "body breaks off",
    "listing cut short",
    "ConditionalRequestConflict",
)
"""What a healthy storage shows now and then, and what is over the next time."""


def faults_for(operation: str, names: Collection[str] = tuple(_CATALOGUE)) -> Mapping[str, Fault]:
    """Those of the names that the operation can suffer; raises ValueError for no operation, KeyError for no fault."""
    if operation not in OPERATIONS:
        raise ValueError(f"no operation is called {operation!r}; there are {', '.join(OPERATIONS)}")
    return {name: _CATALOGUE[name][0] for name in names if operation in _CATALOGUE[name][1]}


def check_fit(operation: str, fault: Fault) -> None:
    """Raise ValueError for a fault that the operation could never show."""
    if isinstance(fault, Stale | CutShort) and operation != "list":
        raise ValueError(f"only a listing can suffer a {type(fault).__name__}, not {operation!r}")
    if isinstance(fault, CutOff | Garble) and operation not in _BODIES:
        raise ValueError(f"only what is read can suffer a {type(fault).__name__}, not {operation!r}")
