"""The stand-in as one object: a server in a thread of its own, and windows to look into it."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Self

from local.faults import Dice, Script
from local.listener import Handler, Listener
from local.standin.accounts import (
    DEMO_DOMAIN_NAME,
    DEMO_PROJECT_ID,
    DEMO_REGION,
    Account,
    demo_accounts,
    demo_users,
)
from local.standin.clock import Clock, system_clock
from local.standin.contents import Contents
from local.standin.downloads import DownloadTerms, Validators
from local.standin.faults import RANDOM_FAULTS, Fault, check_fit, check_names, faults_for
from local.standin.front import Front
from local.standin.gate import Gate
from local.standin.identity import TokenDesk
from local.standin.ledger import Ledger, RecordedCall
from local.standin.listing import ZoneSuffix
from local.standin.operations import OPERATIONS
from local.standin.quota import Quota, Turnstile
from local.standin.reports import ReportShelf
from local.standin.service import Service
from local.standin.tasks import Task, TaskBook

_BODY_LIMIT_BYTES = 12 * 1024 * 1024


@dataclass(kw_only=True, eq=False, repr=False)
class VendorStandIn:
    """A vendor on 127.0.0.1, for ``with VendorStandIn() as vendor: vendor.url``.

    Attributes:
        accounts: Access keys and their secrets; an ``Account`` may require a security token.
        users: User names and passwords that may ask for an identity token.
        project_id: The project there is, or the first of them.
        further_project_ids: Others that everybody may use too; the identity service does not name them.
        region: The name of that project at the identity service.
        domain_name: The domain of the users.
        task_seconds: How long a task stays at CREATING, by the clock.
        token_lifetime: How long an identity token is good, by the clock.
        report_rows: Rows in each report; a task's own fate may differ.
        report_padding_bytes: Uncompressed bytes added to each report, for tests of large files.
        ranges: Whether downloads honour Range and If-Range; undocumented at the vendor.
        validators: By what a download tells its version; undocumented at the vendor.
        zone_suffix: How times in the list end.
        contents: What reports hold, apart from what was asked for.
        denied_actions: Permissions that nobody has, each by its action.
        class_quotas: The same as ``quota``, by the gateway's name for a class of calls.
        quota: How many calls of one project are admitted; None admits all.
        fault_rate: How many calls fail at random, of 1; scripted faults come first and are not counted among them.
        fault_names: Which of ``FAULTS`` these are, each where it fits; by default the few that any service has.
        fault_seed: Of the dice; which call meets which throw depends on the order they arrive in.
        crowd: How many tasks strangers have ordered before, the last of them an hour ago.
        clock: Answers an aware UTC time; hand in a ``SettableClock`` to travel.
        port: A fixed port, or 0 for any that is free.
    """

    accounts: Mapping[str, str | Account] = field(default_factory=demo_accounts)
    users: Mapping[str, str] = field(default_factory=demo_users)
    project_id: str = DEMO_PROJECT_ID
    further_project_ids: Collection[str] = ()
    region: str = DEMO_REGION
    domain_name: str = DEMO_DOMAIN_NAME
    task_seconds: float = 1.5
    token_lifetime: timedelta = timedelta(hours=24)
    report_rows: int = 24
    report_padding_bytes: int = 0
    ranges: bool = True
    validators: Validators = "strong-etag"
    zone_suffix: ZoneSuffix = "Z"
    contents: Contents = field(default_factory=Contents)
    denied_actions: Collection[str] = ()
    class_quotas: Mapping[str, Quota] = field(default_factory=dict)
    quota: Quota | None = None
    fault_rate: float = 0.0
    fault_names: Collection[str] = RANDOM_FAULTS
    fault_seed: int = 0
    crowd: int = 0
    clock: Clock = system_clock
    port: int = 0

    def __post_init__(self) -> None:
        self._listener = Listener("vendor-stand-in", self._serving, port=self.port, body_limit_bytes=_BODY_LIMIT_BYTES)
        self._ledger, self._shelf = Ledger(), ReportShelf()
        dice = Dice(self._choices(), self.fault_rate, self.fault_seed)
        self._script: Script[Fault] = Script(OPERATIONS, check_fit, dice)
        self._tasks = TaskBook(self.clock, self.task_seconds)
        self._tasks.crowd(self.project_id, self.crowd, last_at=self.clock() - timedelta(hours=1))
        self._front = self._assembled()

    def _choices(self) -> Callable[[str], Mapping[str, Fault]]:
        check_names(self.fault_names)
        return partial(faults_for, names=tuple(self.fault_names))

    def _assembled(self) -> Front:
        tokens = TokenDesk(
            users=self.users,
            domain=self.domain_name,
            project_id=self.project_id,
            further_project_ids=self.further_project_ids,
            region=self.region,
            lifetime=self.token_lifetime,
            clock=self.clock,
        )
        service = Service(
            tasks=self._tasks,
            tokens=tokens,
            shelf=self._shelf,
            rows=self.report_rows,
            padding_bytes=self.report_padding_bytes,
            downloads=DownloadTerms(ranges=self.ranges, validators=self.validators),
            zone_suffix=self.zone_suffix,
            contents=self.contents,
        )
        gate = Gate(_known(self.accounts), tokens, {self.project_id, *self.further_project_ids}, self.clock)
        turnstile = Turnstile(self.quota) if self.quota else None
        return Front(
            gate=gate,
            turnstile=turnstile,
            turnstiles_of_classes={name: Turnstile(quota) for name, quota in self.class_quotas.items()},
            denied_actions=self.denied_actions,
            script=self._script,
            service=service,
            ledger=self._ledger,
            clock=self.clock,
        )

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Listen; returns once connections are taken and raises OSError when the port is not to be had."""
        self._listener.start()

    def stop(self) -> None:
        """Cut off what is still running; stopping twice is harmless."""
        self._listener.stop()
        self._shelf.clear()

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[Handler]:
        yield self._front.handle

    @property
    def url(self) -> str:
        """Where the stand-in listens, without a slash at the end; it is every service's endpoint."""
        return self._listener.url

    @property
    def requests(self) -> tuple[RecordedCall, ...]:
        """Every call so far, in order of arrival, secrets redacted."""
        return self._ledger.all()

    def calls(self, operation: str) -> tuple[RecordedCall, ...]:
        """The calls of one operation, refused ones too."""
        if operation not in OPERATIONS:
            raise ValueError(f"no operation is called {operation!r}")
        return tuple(call for call in self.requests if call.operation == operation)

    def rotate(self, accounts: Mapping[str, str | Account]) -> None:
        """From now on these access keys are known and no others."""
        self._front.gate.accounts = _known(accounts)

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Every task in creation order, unlisted ones too; strangers' are not among them."""
        return self._tasks.all()

    def forget_tasks(self) -> None:
        """Forget every task, as the vendor does after a while."""
        self._tasks.forget()

    def tasks_made(self, project_id: str) -> int:
        """How many tasks were ever made of one project, deleted ones too."""
        return self._tasks.made(project_id)

    def status(self, task_id: str) -> str:
        """The status of a task now; raises KeyError when there is none."""
        return self._task(task_id).status_at(self.clock())

    def report(self, task_id: str) -> bytes:
        """The bytes a download of this task gives; raises KeyError when there is none."""
        return self._shelf.fetch(self._task(task_id).report).read_bytes()

    def replace_report(self, task_id: str, *, longer_by: int = 0) -> None:
        """Put another file in the task's place, so many bytes longer; zero keeps the length.

        Raises KeyError when there is no such task, and ValueError when reports have no padding to tell the two by.
        """
        self._tasks.replace_report(self._task(task_id).task_id, longer_by=longer_by)

    def _task(self, task_id: str) -> Task:
        return {task.task_id: task for task in self.tasks}[task_id]

    def script(self, operation: str, *faults: Fault) -> None:
        """Queue faults for the next calls of an operation, one each; then all is well again."""
        self._script.add(operation, *faults)

    def calm(self) -> None:
        """Forget the scripted faults that no call has met yet."""
        self._script.calm()

    @property
    def random_faults(self) -> Mapping[str, int]:
        """How many calls have failed at random, by what they met."""
        return self._script.thrown()

    @property
    def pending_faults(self) -> Mapping[str, int]:
        """How many scripted faults no call has met yet, by operation."""
        return self._script.pending()


def _known(accounts: Mapping[str, str | Account]) -> dict[str, Account]:
    return {key: known if isinstance(known, Account) else Account(known) for key, known in accounts.items()}
