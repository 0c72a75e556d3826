"""Export tasks as the vendor's task list shows them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from workspace_exports.core.contract import TaskId
from workspace_exports.core.errors import UnexpectedAnswer, VendorUnavailable
from workspace_exports.core.redaction import quoted, sanitize
from workspace_exports.events import TaskStatus

Line = Annotated[str | None, BeforeValidator(sanitize)]


class ExportTask(BaseModel):
    """Task as the vendor describes it. Fields that the vendor may add later are ignored, its status words are not."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    task_id: TaskId
    status: TaskStatus
    file_name: Line = None
    fail_reason: Line = None
    error_code: Line = None
    create_time: Line = None

    @property
    def observation(self) -> dict[str, object]:
        """Facts about the export, by the names of `ObservedExport`."""
        return {
            "status": self.status,
            "file_name": self.file_name,
            "fail_reason": self.fail_reason,
            "error_code": self.error_code,
        }

    @property
    def created_at(self) -> datetime | None:
        """Time of creation; None if `create_time` is missing or unreadable.

        The vendor documents that it ends in Z, but not whether as the letter or as +0000.
        """
        try:
            moment = datetime.fromisoformat(self.create_time or "")
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def read_task(item: Mapping[str, object]) -> ExportTask:
    """Return one item of the task list as a task.

    Raises:
        UnexpectedAnswer: this version does not know the status word; the word never counts as "still running".
        VendorUnavailable: the item has no task id or no status word at all; a later answer may.
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
