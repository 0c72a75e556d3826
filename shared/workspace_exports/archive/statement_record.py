"""What a task said of a window that is not believed before another task has said the same."""

from pydantic import Field

from workspace_exports.core.contract import Record, TaskId, UtcTime

NO_BYTES = "no bytes"
"""Its file comes without a byte."""
NO_DATA = "no data"
"""It ended with a reason that means so."""


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
