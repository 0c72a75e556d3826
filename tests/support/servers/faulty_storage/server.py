"""The storage that misbehaves as one object: a server in a thread of its own, and windows to look into it."""

import threading
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from local.faults.server import FaultyServer
from local.listener import Handler
from tests.support.servers.faulty_storage.faults import PASSING, Fault, check_fit, faults_for
from tests.support.servers.faulty_storage.front import Front
from tests.support.servers.faulty_storage.holding import Hold
from tests.support.servers.faulty_storage.listing import Written
from tests.support.servers.faulty_storage.operations import OPERATIONS
from tests.support.servers.faulty_storage.requests import Passed
from tests.support.servers.faulty_storage.upstream import Upstream


@dataclass(eq=False, repr=False)
class MisbehavingStorage(FaultyServer[Passed, Fault]):
    """An S3 on 127.0.0.1 that is another one, with faults; ``with MisbehavingStorage(endpoint) as s3: s3.url``.

    Signatures hold through it: what is signed goes on byte for byte, Host included. A body is never held whole,
    however large, but a listing that is to be stale and an answer that is to break off.

    Attributes:
        endpoint: The URL of the storage behind; it need not listen yet.
        fault_names: By default what passes by itself.
    """

    endpoint: str
    fault_names: Collection[str] = field(default=PASSING, kw_only=True)

    NAME = "misbehaving-storage"
    OPERATIONS = OPERATIONS

    def __post_init__(self) -> None:
        """Stand before the storage."""
        super().__post_init__()
        self._written, self._hold = Written(), Hold()

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[Handler]:
        upstream = Upstream(self.endpoint)
        try:
            front = Front(
                upstream=upstream, script=self._script, ledger=self._ledger, written=self._written, hold=self._hold
            )
            yield front.handle
        finally:
            await upstream.close()

    def _check_fit(self, operation: str, fault: Fault) -> None:
        check_fit(operation, fault)

    def _choices(self, operation: str) -> Mapping[str, Fault]:
        return faults_for(operation, self.fault_names)

    def hold(self, folder: str) -> threading.Event:
        """Do the next write of a key below the folder, and never answer; the event is set once it is done."""
        self._hold.next_below(folder)
        return self._hold.is_on
