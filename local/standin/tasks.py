"""Export tasks and their life, which is a pure function of their age."""

import math
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from local.standin.clock import Clock
from local.standin.reports import ReportSpec


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What becomes of one task; the defaults are an ordinary life.

    ``ending`` may be any word: a status the documentation does not have is worth a test. ``task_seconds`` of infinity
    never ends, ``listed_after_seconds`` of infinity is a task that vanished; ``listed_for_seconds`` end its time
    in the list, counted from the order.
    """

    ending: str = "SUCCESS"
    fail_reason: str | None = None
    error_code: str | None = None
    task_seconds: float | None = None
    expires_after_seconds: float = math.inf
    listed_after_seconds: float = 0.0
    listed_for_seconds: float = math.inf
    rows: int | None = None
    file_name: str | None = None


ORDINARY = Fate()
_STRANGERS_KIND = "users"


@dataclass(frozen=True, kw_only=True)
class Task:
    """One export task at one moment of its record; asking for its status needs a time."""

    task_id: str
    report: ReportSpec
    created_at: datetime
    task_seconds: float
    file_name: str
    fate: Fate = ORDINARY
    downloads: int = 0
    replaced_at: datetime | None = None

    @property
    def kind(self) -> str:
        """The export this task is one of."""
        return self.report.kind

    @property
    def is_download(self) -> bool:
        """Whether a download has begun; how much of it arrived is not the vendor's business."""
        return self.downloads > 0

    @property
    def file_made_at(self) -> datetime:
        """When the file got the content it has."""
        return self.replaced_at or self.created_at + timedelta(seconds=self.task_seconds)

    def status_at(self, now: datetime) -> str:
        """Answer the vendor's word for this age."""
        age = (now - self.created_at).total_seconds()
        if age < self.task_seconds:
            return "CREATING"
        if self.fate.ending == "SUCCESS" and age >= self.task_seconds + self.fate.expires_after_seconds:
            return "EXPIRED"
        return self.fate.ending

    def ended_at(self, now: datetime) -> datetime | None:
        """Answer when the work ended, if it has."""
        running = self.status_at(now) == "CREATING"
        return None if running else self.created_at + timedelta(seconds=self.task_seconds)

    def is_listed_at(self, now: datetime) -> bool:
        """Answer whether the export centre admits to this task."""
        age = (now - self.created_at).total_seconds()
        return self.fate.listed_after_seconds <= age < self.fate.listed_for_seconds


def file_name(kind: str, created_at: datetime) -> str:
    """Name a file after its kind: ``connection-records`` becomes ``ConnectionRecords_20261120103000.xlsx``."""
    words = "".join(word.capitalize() for word in kind.split("-"))
    return f"{words}_{created_at:%Y%m%d%H%M%S}.xlsx"


@dataclass
class TaskBook:
    """All tasks in creation order; every method may be called from any thread."""

    clock: Clock
    task_seconds: float
    _tasks: dict[str, Task] = field(default_factory=dict)
    _strangers: dict[str, Task] = field(default_factory=dict)
    _made: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def create(self, report: ReportSpec, fate: Fate) -> Task:
        """Enter a new task; the same request twice makes two, as at the vendor."""
        now = self.clock()
        task = Task(
            task_id=uuid.uuid4().hex,
            report=report if fate.rows is None else replace(report, rows=fate.rows),
            created_at=now,
            task_seconds=self.task_seconds if fate.task_seconds is None else fate.task_seconds,
            file_name=fate.file_name or file_name(report.kind, now),
            fate=fate,
        )
        with self._lock:
            self._tasks[task.task_id] = task
            self._made[report.project_id] += 1
        return task

    def made(self, project_id: str) -> int:
        """Answer how many tasks were ever entered for the project, deleted ones too, strangers' left out."""
        with self._lock:
            return self._made[project_id]

    def all(self) -> tuple[Task, ...]:
        """Answer every task, vanished ones too, but no stranger's."""
        with self._lock:
            return tuple(self._tasks.values())

    def listed(self, project_id: str) -> list[Task]:
        """Answer the tasks that the export centre shows now."""
        now = self.clock()
        with self._lock:
            tasks = [*self._strangers.values(), *self._tasks.values()]
        return [task for task in tasks if task.report.project_id == project_id and task.is_listed_at(now)]

    def find(self, project_id: str, task_id: str) -> Task | None:
        """Answer one task, unless it is unknown or not listed."""
        with self._lock:
            task = self._tasks.get(task_id) or self._strangers.get(task_id)
        known = task is not None and task.report.project_id == project_id and task.is_listed_at(self.clock())
        return task if known else None

    def crowd(self, project_id: str, count: int, *, last_at: datetime) -> None:
        """Enter tasks that strangers ordered, one a second until then; each is listed, and none is among `all`."""
        report = ReportSpec(kind=_STRANGERS_KIND, project_id=project_id, parameters={}, rows=1)
        for age in range(count - 1, -1, -1):
            created_at = last_at - timedelta(seconds=age)
            task = Task(
                task_id=uuid.uuid4().hex,
                report=report,
                created_at=created_at,
                task_seconds=0.0,
                file_name=file_name(_STRANGERS_KIND, created_at),
            )
            with self._lock:
                self._strangers[task.task_id] = task

    def mark_downloaded(self, task_id: str) -> None:
        """Count a download that begins."""
        self._change(task_id, lambda task: replace(task, downloads=task.downloads + 1))

    def replace_report(self, task_id: str, *, longer_by: int) -> None:
        """Give the task another file, so many bytes of padding longer; zero keeps the length."""
        now = self.clock()
        self._change(
            task_id, lambda task: replace(task, report=task.report.revised(longer_by=longer_by), replaced_at=now)
        )

    def forget(self) -> None:
        """Forget every task, as the vendor does after a while."""
        with self._lock:
            self._tasks.clear()

    def delete(self, project_id: str, task_ids: Collection[str]) -> None:
        """Forget these tasks. Unknown ids are passed over, so that a repeated delete succeeds."""
        with self._lock:
            for task in [task for task in self._tasks.values() if task.task_id in task_ids]:
                if task.report.project_id == project_id:
                    del self._tasks[task.task_id]

    def _change(self, task_id: str, change: Callable[[Task], Task]) -> None:
        with self._lock:
            if task := self._tasks.get(task_id):
                self._tasks[task_id] = change(task)
