"""What the stand-in was asked, kept for tests to read; secrets are left out before anything is kept."""

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime

from local.standin.messages import Call
from local.standin.operations import TOKENS

REDACTED = "[redacted]"

_SECRET_HEADERS = frozenset({"authorization", "x-security-token", "x-auth-token"})


@dataclass(frozen=True, kw_only=True)
class RecordedCall:
    """One call, secrets redacted.

    ``operation`` is None where nothing is served; ``status`` is None as long as nothing was answered, dropped calls
    included.
    """

    request_id: str
    received_at: datetime
    operation: str | None
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int | None = None


def redacted(call: Call, operation: str | None) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Answer headers and body as they may be kept; a login's body is a password and is not kept at all."""
    headers = tuple((name, REDACTED if name.lower() in _SECRET_HEADERS else value) for name, value in call.headers)
    return headers, REDACTED.encode() if operation == TOKENS.name else call.body


@dataclass
class Ledger:
    """Every call in order of arrival."""

    _entries: dict[str, RecordedCall] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, call: Call, *, request_id: str, operation: str | None, received_at: datetime) -> None:
        """Enter a call that has just arrived."""
        headers, body = redacted(call, operation)
        entry = RecordedCall(
            request_id=request_id,
            received_at=received_at,
            operation=operation,
            method=call.method,
            target=call.target,
            headers=headers,
            body=body,
        )
        with self._lock:
            self._entries[request_id] = entry

    def close(self, request_id: str, status: int) -> None:
        """Note the answer; called before its first byte leaves, so whoever has the answer finds it here."""
        with self._lock:
            self._entries[request_id] = replace(self._entries[request_id], status=status)

    def all(self) -> tuple[RecordedCall, ...]:
        """Answer every call so far."""
        with self._lock:
            return tuple(self._entries.values())
