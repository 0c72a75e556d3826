"""What tasks said of a window that counts only once two of them say the same.

A file without a byte, a file of another type than its name says, a reason that means "no data": each may be an accident
of one task. An `empty` day is never asked for again, so one accident must not be enough to make one.
"""

from datetime import timedelta

from pydantic import ValidationError

from workspace_exports.archive.keys import statement_key
from workspace_exports.archive.store import Store
from workspace_exports.clock import utc_now
from workspace_exports.contracts.events import OrderedExport
from workspace_exports.contracts.statements import Statement

_LONGEST_APART = timedelta(days=7)
"""Of a snapshot, one task of long ago says nothing of today's."""


def note_statement(store: Store, export: OrderedExport, says: str) -> tuple[str, ...]:
    """Keep what the export's task says, in the place of anything else that was said of the same window.

    Returns:
        The ids of the other tasks that have said the same lately, without another statement in between.

    Raises:
        ArchiveUnavailable: it cannot be kept.
    """
    key = statement_key(export)
    before = _parse(store.read(key))
    is_recent = before is not None and utc_now() - before.at <= _LONGEST_APART
    earlier = before.task_ids if before and is_recent and before.says == says else ()
    others = tuple(task_id for task_id in earlier if task_id != export.task_id)
    if export.task_id not in earlier:
        statement = Statement(says=says, task_ids=(*earlier, export.task_id), at=utc_now())
        store.replace(key, statement.model_dump_json(indent=2).encode())
    return others


def forget_statement(store: Store, export: OrderedExport) -> None:
    """Let two tasks have to say it anew.

    Raises:
        ArchiveUnavailable: storage refused.
    """
    store.delete(statement_key(export))


def _parse(content: bytes | None) -> Statement | None:
    """Return None for a record that is gone or not understood: then nothing is believed yet."""
    try:
        return Statement.read(content or b"")
    except ValidationError:
        return None
