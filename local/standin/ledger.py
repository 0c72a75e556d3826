"""What the stand-in was asked, for tests to read; secrets are left out before anything is kept."""

from dataclasses import dataclass
from datetime import datetime

from local.faults.ledger import Received
from local.standin.messages import Call
from local.standin.operations import TOKENS

REDACTED = "[redacted]"

_SECRET_HEADERS = frozenset({"authorization", "x-security-token", "x-auth-token"})


@dataclass(frozen=True, kw_only=True)
class RecordedCall(Received):
    """One call, secrets redacted."""

    request_id: str
    received_at: datetime
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def record(call: Call, *, request_id: str, operation: str | None, received_at: datetime) -> RecordedCall:
    """Answer what may be kept of a call; a login's body is a password and is not kept at all."""
    headers = tuple((name, REDACTED if name.lower() in _SECRET_HEADERS else value) for name, value in call.headers)
    return RecordedCall(
        request_id=request_id,
        received_at=received_at,
        operation=operation,
        method=call.method,
        target=call.target,
        headers=headers,
        body=REDACTED.encode() if operation == TOKENS.name else call.body,
    )
