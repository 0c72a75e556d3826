"""What tasks said of a window that counts only once two of them say the same.

A file without a byte, a file of another type than its name says, a reason that means "no data": each may be an accident
of one task. An `empty` day is never asked for again, so one accident must not be enough to make one.
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
    """The last statement of the kind, and the tasks that have made it.

    Attributes:
        says: for example `no bytes`.
        task_ids: of tasks of one window, in the order in which they said it.
        times: fetches that said so.
    """

    schema_version: int = Field(default=1, ge=1)
    says: str
    task_ids: tuple[TaskId, ...]
    times: int = 1
    at: UtcTime


_LEAST_TIMES = {NO_BYTES: 3}
"""A bad minute of the vendor's answers two orders with nothing; of the others, each is a task's last word."""
_LONGEST_APART = timedelta(days=7)
"""Of a snapshot, one task of long ago says nothing of today's."""


def note_statement(store: Store, export: OrderedExport, says: str) -> tuple[str, ...]:
    """Keep what the export's task says, in the place of anything else that was said of the same window.

    Returns:
        The ids of the other tasks that have said the same lately, without another statement in between; none as long as
        it has been said too seldom to be believed.

    Raises:
        ArchiveUnavailable: it cannot be kept.
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
    """Return what waits for a second task; None if nothing does, or it is not understood.

    Raises:
        ArchiveUnavailable: it cannot be read.
    """
    try:
        return Statement.read(store.read(statement_key(export)) or b"")
    except ValidationError:
        return None


def forget_statement_of_landed(store: Store, export: OrderedExport) -> None:
    """Forget what was said of a thing that can be ordered again although it has landed, such as a snapshot.

    A settled window is never ordered again unless it is taken back, which forgets it too; this spares its landing a
    request. That it could not be forgotten is no reason to fail.
    """
    if find_export(export.kind).window.is_settled(export.window, export.ordered_at):
        return
    try:
        store.delete(statement_key(export))
    except ArchiveUnavailable as error:
        logger.warning("statement not forgotten", detail=str(error))


def forget_statement(store: Store, export: OrderedExport) -> None:
    """Let two tasks have to say it anew.

    Raises:
        ArchiveUnavailable: storage refused.
    """
    store.delete(statement_key(export))
