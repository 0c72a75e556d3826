"""Statements of tasks about a window, which count only once two tasks have made the same one.

Examples are a file without a byte, a file whose type its name contradicts, and a reason that means "no data". Each may
be an accident of one task. An `empty` day is never ordered again, so one accident must not be enough to make one.
"""

from datetime import timedelta

from pydantic import Field, ValidationError

from workspace_exports.archive.layout import statement_key
from workspace_exports.core.clock import utc_now
from workspace_exports.core.contract import Record, TaskId, UtcTime
from workspace_exports.core.errors import NO_BYTES, ArchiveUnavailable
from workspace_exports.core.log import logger
from workspace_exports.events import OrderedExport
from workspace_exports.exports import find_export
from workspace_exports.storage.store import Store


class Statement(Record):
    """Last statement about a window, and the tasks that have made it.

    Attributes:
        says: the statement, for example `no bytes`.
        task_ids: the ids of tasks of one window, in the order in which they made the statement.
        times: the number of fetches that made the statement.
    """

    schema_version: int = Field(default=1, ge=1)
    says: str
    task_ids: tuple[TaskId, ...]
    times: int = 1
    at: UtcTime


_LEAST_TIMES = {NO_BYTES: 3}
"""Number of fetches that must make the statement, by default 2.

During a fault of one minute, the vendor may answer two orders with no bytes. Any other statement is final for its task.
"""
_LONGEST_APART = timedelta(days=7)
"""Longest time between statements that count together. A snapshot's old task says nothing about today's snapshot."""


def note_statement(store: Store, export: OrderedExport, says: str) -> tuple[str, ...]:
    """Record the statement of the export's task, in place of any other statement about the same window.

    Returns:
        The ids of the other tasks that have lately made the same statement, without another one in between. Empty as
        long as too few fetches made it.

    Raises:
        ArchiveUnavailable: it cannot be read or recorded.
    """
    before = read_statement(store, export)
    is_more = before is not None and before.says == says and utc_now() - before.at <= _LONGEST_APART
    earlier, times = (before.task_ids, before.times) if before and is_more else ((), 0)
    task_ids = earlier if export.task_id in earlier else (*earlier, export.task_id)
    statement = Statement(says=says, task_ids=task_ids, times=times + 1, at=utc_now())
    store.replace(statement_key(export), statement.model_dump_json(indent=2).encode())
    if statement.times < _LEAST_TIMES.get(says, 2):
        return ()
    return tuple(task_id for task_id in earlier if task_id != export.task_id)


def read_statement(store: Store, export: OrderedExport) -> Statement | None:
    """Return the statement that waits for a second task; None if there is none, or it is not understood.

    Raises:
        ArchiveUnavailable: it cannot be read.
    """
    try:
        return Statement.read(store.read(statement_key(export)) or b"")
    except ValidationError:
        return None


def forget_statement_of_landed(store: Store, export: OrderedExport) -> None:
    """Delete the statement about a landed export that can be ordered again, such as a snapshot.

    A settled window is ordered again only after a revocation, which deletes the statement too. Its landing therefore
    makes no such request. A failed deletion is only logged.
    """
    if find_export(export.kind).window.is_settled(export.window, export.ordered_at):
        return
    try:
        store.delete(statement_key(export))
    except ArchiveUnavailable as error:
        logger.warning("statement not deleted", detail=str(error))


def forget_statement(store: Store, export: OrderedExport) -> None:
    """Delete the statement, so that two tasks have to make it anew.

    Raises:
        ArchiveUnavailable: the storage refused.
    """
    store.delete(statement_key(export))
