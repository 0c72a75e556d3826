"""The real handlers between a real vendor stand-in and a real archive, in a time that stands still unless moved."""

import hashlib
import io
import json
import logging
import os
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.fetch_file import app as fetch_file
from functions.plan_archive import app as plan_archive
from functions.poll_status import app as poll_status
from functions.record_failure import app as record_failure
from functions.report_archive import app as report_archive
from functions.show_coverage import app as show_coverage
from functions.start_export import app as start_export
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.clock import SettableClock
from local.standin.reports import _FILLERS
from local.standin.server import VendorStandIn
from local.standin.tasks import Task
from tests.model.mishaps import Dies, Misbehaviour, Mishap, Overtaken, Storage, fault_of
from tests.support.checks.leaks import CANARIED, FILTER_CANARY, leaks
from tests.support.lambda_context import CONTEXT
from tests.support.processes.dying_function import Died, Effects, die
from workspace_exports.archive.layout import SeriesName
from workspace_exports.client.connections import close_connections
from workspace_exports.client.requests import RequestSender
from workspace_exports.core.clock import utc_now
from workspace_exports.core.errors import ExportError
from workspace_exports.core.log import logger
from workspace_exports.lifecycle.revoke import revoke
from workspace_exports.storage.store import _MEMORIES, Store, open_store
from workspace_exports.storage.stored_objects import StoredObject

BEGINNING = datetime(2028, 1, 20, 4, 30, tzinfo=UTC)
"""Before the last days of two months, one of them with a leap day."""
OTHER_PROJECT_ID = "00000000000000000000000000000002"
PADDING_BYTES = 64
"""Enough for a replaced file to be told from the one before."""

REVOKE = "revoke"


def _revoke(event: dict[str, Any], _: LambdaContext) -> dict[str, Any]:
    """What an operator's command does, once it is agreed to."""
    store, series = open_store(os.environ["ARCHIVE_URL"]), SeriesName(event["project_id"], event["kind"])
    even_if_lost, day = event["even_if_lost"], date.fromisoformat(event["day"])
    return revoke(store, series, day, event["why"], utc_now(), even_if_lost=even_if_lost).model_dump(mode="json")


HANDLERS = {
    "start-export": start_export.handler,
    "poll-status": poll_status.handler,
    "fetch-file": fetch_file.handler,
    "plan-archive": plan_archive.handler,
    "record-failure": record_failure.handler,
    "report-archive": report_archive.handler,
    "show-coverage": show_coverage.handler,
    REVOKE: _revoke,
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a handler, and all that came of it.

    Attributes:
        answer: what it returned, if it did.
        error: what it raised, if it did.
        containers: that have handled it: 2 where another one did so meanwhile.
        twin: what that one returned, if it did.
        died: it was killed.
        storage_failed: an operation of the archive did.
        met: the scripted faults that the vendor answered with, by name and operation.
        asked: how often the vendor was asked for what.
        began: by the clock of both.
        seconds: how long it took by that clock: all of it is waiting.
        says: what it wrote to log and standard output.
    """

    function: str
    event: Mapping[str, Any]
    answer: dict[str, Any] | None = None
    error: ExportError | None = None
    containers: int = 1
    twin: dict[str, Any] | None = None
    died: bool = False
    storage_failed: bool = False
    met: Mapping[str, list[str]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    began: datetime
    seconds: float
    says: str = ""

    @property
    def all_met(self) -> set[str]:
        """The names of the faults, whatever was asked for."""
        return {name for names in self.met.values() for name in names}

    @property
    def is_disturbed(self) -> bool:
        """Whether anything at all went wrong around it."""
        return bool(self.died or self.storage_failed or self.met)

    @property
    def leaks(self) -> list[str]:
        """What it gave away that must stay hidden; what was asked for comes back in the answer."""
        told = f"{self.says} {self.error} {self.error and vars(self.error)}"
        return leaks(told) + [one for one in leaks(json.dumps(self.answer)) if one != FILTER_CANARY]


class World:
    """Vendor, archive, time, and the functions in between; made for one run of the machine, and closed after it."""

    def __init__(self, archive_url: str, *, attempts: int, deletes: bool) -> None:
        self.archive_url = archive_url
        self.attempts = attempts
        self.deletes = deletes
        self.clock = SettableClock(BEGINNING)
        self.is_up = True
        self.vendor = VendorStandIn(
            contents=CANARIED,
            task_seconds=0,
            report_rows=1,
            report_padding_bytes=PADDING_BYTES,
            clock=self.clock,
            further_project_ids=[OTHER_PROJECT_ID],
        )
        self._scripted: dict[str, deque[str]] = defaultdict(deque)
        self._patch = pytest.MonkeyPatch()
        self._effects = Effects(0, self._turn)
        self._at_turn: Callable[[], None] = die
        self._storage = Misbehaviour()
        self._says = io.StringIO()
        self._seen_requests = 0
        self._digests: dict[str, str] = {}
        self._written_at: dict[str, datetime] = {}
        self._open()

    def _open(self) -> None:
        self._patch_time()
        self._date_objects()
        self._effects.watch(self._patch.setattr)
        self._storage.install(self._patch.setattr)
        self._listener = logging.StreamHandler(self._says)
        self._listener.setFormatter(logger.registered_formatter)
        self._silenced = logger.registered_handler.setStream(io.StringIO())  # type: ignore[attr-defined]
        self._log = logging.getLogger("workspace-exports")
        self._log.addHandler(self._listener)
        self._patch.setattr(self._log, "propagate", False)
        self.vendor.start()
        for name, value in {
            "HUAWEICLOUD_SDK_AK": DEMO_ACCESS_KEY,
            "HUAWEICLOUD_SDK_SK": DEMO_SECRET_KEY,
            "HUAWEICLOUD_SDK_PROJECT_ID": DEMO_PROJECT_ID,
            "WORKSPACE_REGION": DEMO_REGION,
            "WORKSPACE_ENDPOINT": self.vendor.url,
            "ARCHIVE_URL": self.archive_url,
            "VENDOR_ATTEMPTS": str(self.attempts),
            "DELETE_AFTER_LANDING": str(self.deletes).lower(),
        }.items():
            self._patch.setenv(name, value)

    def _patch_time(self) -> None:
        """One time for all: both clocks of the product, its sleep, and the vendor's clock."""
        asked = SimpleNamespace(now=lambda _: self.clock(), strptime=datetime.strptime)
        self._patch.setattr("workspace_exports.core.clock.datetime", asked)
        self._patch.setattr("workspace_exports.core.deadline.time", SimpleNamespace(monotonic=self._monotonic))
        self._patch.setattr("workspace_exports.client.workspace.monotonic", self._monotonic)
        self._patch.setattr("workspace_exports.client.credentials.cache.monotonic", self._monotonic)
        defaults = RequestSender.__init__.__kwdefaults__ or {}
        self._patch.setitem(defaults, "sleep", lambda seconds: self.clock.advance(seconds=seconds))
        self._patch.setitem(defaults, "draw", lambda: 1.0)

    def _date_objects(self) -> None:
        """The archive's clock is the others'."""

        def dating(method: Callable[..., Any]) -> Callable[..., Any]:
            def dated(store: Store, key: str, *args: Any, **kwargs: Any) -> Any:
                try:
                    return method(store, key, *args, **kwargs)
                finally:
                    self._written_at[key] = self.clock()

            return dated

        def dated_objects(*args: Any, **kwargs: Any) -> Iterator[StoredObject]:
            for stored in objects(*args, **kwargs):
                yield replace(stored, written_at=self.written_at(stored.key))

        objects = Store.objects
        for name in ("write", "replace", "create"):
            self._patch.setattr(Store, name, dating(getattr(Store, name)))
        self._patch.setattr(Store, "objects", dated_objects)

    def _monotonic(self) -> float:
        return (self.clock() - BEGINNING).total_seconds()

    def close(self) -> None:
        """Leaves nothing behind."""
        close_connections()
        self.vendor.stop()
        self._log.removeHandler(self._listener)
        logger.registered_handler.setStream(self._silenced)  # type: ignore[attr-defined]
        self._patch.undo()
        open_store.cache_clear()
        _MEMORIES.pop(self.archive_url, None)

    # The vendor

    def script(self, operation: str, fault: str) -> None:
        """The next call of that operation meets the fault of that name."""
        self.vendor.script(operation, fault_of(fault))
        self._scripted[operation].append(fault)

    def calm(self) -> None:
        """Nothing scripted will happen any more, and the vendor is up."""
        self.vendor.calm()
        self._scripted.clear()
        self.rise()

    def fall(self) -> None:
        """The vendor is away, if it is not already."""
        self.vendor.stop()
        self.is_up = False

    def rise(self) -> None:
        """The vendor is back, under another address."""
        if not self.is_up:
            self.vendor.start()
            self._patch.setenv("WORKSPACE_ENDPOINT", self.vendor.url)
            self.is_up = True

    def digests(self, task: Task, *, replaced: int) -> set[str]:
        """SHA-256 of the file of that task; and where others have just taken its place so often, of those around it.

        The task may have been seen before they did, and be gone by now.
        """
        revision = task.report.revision
        specs = [
            replace(task.report, revision=(revision + step) % len(_FILLERS)) for step in range(-replaced, replaced + 1)
        ]
        return {self._digest(spec) for spec in specs}

    def _digest(self, spec: Any) -> str:
        if spec.digest not in self._digests:
            content = self.vendor._shelf.fetch(spec).read_bytes()
            self._digests[spec.digest] = hashlib.sha256(content).hexdigest()
        return self._digests[spec.digest]

    # The archive, looked at from outside

    @property
    def store(self) -> Store:
        """The archive."""
        return open_store(self.archive_url)

    def objects(self, prefix: str) -> dict[str, StoredObject]:
        """What is there, by key."""
        return {stored.key: stored for stored in self.store.objects(prefix)}

    def written_at(self, key: str) -> datetime:
        """When somebody wrote there last."""
        return self._written_at.get(key, BEGINNING)

    def document(self, key: str) -> Any:
        """JSON in the archive."""
        return json.loads(self.store.read(key) or b"")

    # The functions

    def call(self, function: str, event: Mapping[str, Any], mishap: Mishap = None) -> Call:
        """Calls a handler while that goes wrong; a function that died has lost its container."""
        began = self.clock()
        self._says.seek(0)
        self._says.truncate()
        outcome: dict[str, Any] = {}
        self._prepare(function, event, mishap, outcome)
        with self._storage.during(mishap if isinstance(mishap, Storage) else None), redirect_stdout(self._says):
            try:
                outcome["answer"] = _handle(function, event)
            except ExportError as error:
                outcome["error"] = error
            except Died:
                outcome["died"] = True
        self._effects.deadly = 0
        if "died" in outcome:
            close_connections()
        return Call(
            function=function,
            event=event,
            storage_failed=self._storage.happened,
            met=self._met(),
            asked=self._asked(),
            began=began,
            seconds=(self.clock() - began).total_seconds(),
            says=self._says.getvalue(),
            **outcome,
        )

    def _prepare(self, function: str, event: Mapping[str, Any], mishap: Mishap, outcome: dict[str, Any]) -> None:
        """What happens after so many side effects of the call."""

        def handle_too() -> None:
            with suppress(ExportError):
                outcome["twin"] = _handle(function, event)

        def overtake() -> None:
            """In a thread of its own: obstore may be in the middle of reading the first one's pieces."""
            self._effects.deadly = 0
            outcome["containers"] = 2
            other = threading.Thread(target=handle_too)
            other.start()
            other.join()

        self._at_turn = overtake if isinstance(mishap, Overtaken) else die
        self._effects.count = 0
        self._effects.deadly = mishap.after_effects if isinstance(mishap, Dies | Overtaken) else 0

    def _turn(self) -> None:
        self._at_turn()

    def _met(self) -> dict[str, list[str]]:
        pending, met = self.vendor.pending_faults, {}
        for operation, names in self._scripted.items():
            count = len(names) - pending.get(operation, 0)
            if count:
                met[operation] = [names.popleft() for _ in range(count)]
        return met

    def _asked(self) -> Counter[str]:
        requests = self.vendor.requests
        new, self._seen_requests = requests[self._seen_requests :], len(requests)
        return Counter(str(call.operation) for call in new)


def _handle(function: str, event: Mapping[str, Any]) -> dict[str, Any]:
    """As the state machine has it: JSON in, JSON out."""
    answer: dict[str, Any] = json.loads(json.dumps(HANDLERS[function](dict(event), CONTEXT)))
    return answer
