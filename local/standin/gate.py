"""Who may come in: a right signature or a living token, and only to their own project."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from local.standin.accounts import Account
from local.standin.clock import Clock
from local.standin.identity import TokenDesk
from local.standin.messages import Call
from local.standin.refusals import RefusalError, bad_signature, foreign_project
from local.standin.verification import parse_authorization, verify

LOCK_AFTER_FAILURES = 5
LOCK_TIME = timedelta(minutes=5)


@dataclass
class _Record:
    failures: int = 0
    locked_until: datetime | None = None


@dataclass
class Gate:
    """Authentication with the vendor's lock: more than five failures in a row close a key for five minutes."""

    accounts: Mapping[str, Account]
    tokens: TokenDesk
    project_ids: Collection[str]
    clock: Clock
    _records: dict[str, _Record] = field(default_factory=dict)

    def admit(self, call: Call, project_id: str | None) -> None:
        """Refuse the call unless its sender is known and the project is theirs.

        A call with both a signature and a token is judged by its signature alone.
        """
        if call.header("Authorization") is not None:
            self._admit_signed(call)
        elif (token := call.header("X-Auth-Token")) is not None:
            self.tokens.check(token)
        else:
            raise bad_signature("neither a signature nor a token was sent")
        named = {name for name in (project_id, call.header("X-Project-Id")) if name is not None}
        if named - set(self.project_ids):
            raise foreign_project()

    def _admit_signed(self, call: Call) -> None:
        access_key = parse_authorization(call.header("Authorization") or "").access_key
        record = self._records.setdefault(access_key, _Record())
        now = self.clock()
        if record.locked_until is not None and now < record.locked_until:
            raise bad_signature("AK access failed to reach the limit, try again later")
        try:
            verify(call, self.accounts, now)
        except RefusalError:
            _count_failure(record, now)
            raise
        self._records[access_key] = _Record()


def _count_failure(record: _Record, now: datetime) -> None:
    record.failures += 1
    if record.failures > LOCK_AFTER_FAILURES:
        record.failures, record.locked_until = 0, now + LOCK_TIME
