"""An export task as the vendor's task list shows it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from workspace_exports.core.contract import TaskId
from workspace_exports.core.errors import UnexpectedAnswer, VendorUnavailable
from workspace_exports.core.redaction import line, quoted
from workspace_exports.events import TaskStatus

Line = Annotated[str | None, BeforeValidator(line)]


class ExportTask(BaseModel):
    """What the vendor says of one task. Fields it may add later are ignored, its status words are not."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    task_id: TaskId
    status: TaskStatus
    file_name: Line = None
    fail_reason: Line = None
    error_code: Line = None
    create_time: Line = None

    @property
    def observation(self) -> dict[str, object]:
        """What it says of an export, by the names of `ObservedExport`."""
        return {
            "status": self.status,
            "file_name": self.file_name,
            "fail_reason": self.fail_reason,
            "error_code": self.error_code,
        }

    @property
    def created_at(self) -> datetime | None:
        """`create_time`, which is documented as ending in Z and left open whether as the letter or as +0000."""
        try:
            moment = datetime.fromisoformat(self.create_time or "")
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_task(item: Mapping[str, object]) -> ExportTask:
    """One item of the task list.

    Raises:
        UnexpectedAnswer: its status is a word that this version does not know; never taken for "still running".
        VendorUnavailable: it has no task id or no status word at all; a later answer may.
    """
    word = item.get("status")
    if isinstance(word, str):
        item = {**item, "status": word.strip().upper()}
    if isinstance(word, str) and word.strip() and item["status"] not in set(TaskStatus):
        raise UnexpectedAnswer(
            f"The vendor's task list holds the status word {quoted(word)}, which this version does not know"
        )
    try:
        return ExportTask.model_validate(item)
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"])
        raise VendorUnavailable(f"The vendor's task list shows the task without a usable {field}") from None
