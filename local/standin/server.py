"""The stand-in as one object: a server in a thread of its own, and windows to look into it."""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from local.faults.server import FaultyServer
from local.listener import Handler
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
from local.standin.faults.catalogue import RANDOM_FAULTS, check_names, faults_for
from local.standin.faults.mishaps import Fault, check_fit
from local.standin.front import Front
from local.standin.gate import Gate
from local.standin.identity import TokenDesk
from local.standin.ledger import RecordedCall
from local.standin.listing import ZoneSuffix
from local.standin.operations import OPERATIONS
from local.standin.quota import Quota, Turnstile
from local.standin.reports import ReportShelf
from local.standin.service import Service
from local.standin.tasks import Task, TaskBook
from local.standin.user_events import EventBook


@dataclass(kw_only=True, eq=False, repr=False)
class VendorStandIn(FaultyServer[RecordedCall, Fault]):
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
        fault_names: By default the few that any service has.
        events: The events of users, by day.
        crowd: How many tasks strangers have ordered before, the last of them an hour ago.
        clock: Answers an aware UTC time; hand in a ``SettableClock`` to travel.
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
    fault_names: Collection[str] = RANDOM_FAULTS
    events: EventBook = field(default_factory=EventBook)
    crowd: int = 0
    clock: Clock = system_clock

    NAME = "vendor-stand-in"
    OPERATIONS = OPERATIONS
    BODY_LIMIT_BYTES = 12 * 1024 * 1024

    def __post_init__(self) -> None:
        check_names(self.fault_names)
        super().__post_init__()
        self._shelf = ReportShelf()
        self._tasks = TaskBook(self.clock, self.task_seconds)
        self._tasks.crowd(self.project_id, self.crowd, last_at=self.clock() - timedelta(hours=1))
        self._front = self._assembled()

    def _check_fit(self, operation: str, fault: Fault) -> None:
        check_fit(operation, fault)

    def _choices(self, operation: str) -> Mapping[str, Fault]:
        return faults_for(operation, self.fault_names)

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
            events=self.events,
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

    def stop(self) -> None:
        """Cut off what is still running, and remove the reports; stopping twice is harmless."""
        super().stop()
        self._shelf.clear()

    @asynccontextmanager
    async def _serving(self) -> AsyncIterator[Handler]:
        yield self._front.handle

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


def _known(accounts: Mapping[str, str | Account]) -> dict[str, Account]:
    return {key: known if isinstance(known, Account) else Account(known) for key, known in accounts.items()}
