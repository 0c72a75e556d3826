"""An export task as the vendor's task list shows it."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from workspace_exports.contracts.base import TaskId
from workspace_exports.contracts.events import TaskStatus
from workspace_exports.errors import UnexpectedAnswer
from workspace_exports.quoting import line, quoted


def _known_status(word: object) -> TaskStatus:
    try:
        return TaskStatus(str(word))
    except ValueError:
        raise ValueError(f"the status word {quoted(word)}") from None


Line = Annotated[str | None, BeforeValidator(line)]


class ExportTask(BaseModel):
    """What the vendor says of one task. Fields it may add later are ignored, its status words are not."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    task_id: TaskId
    status: Annotated[TaskStatus, BeforeValidator(_known_status)]
    file_name: Line = None
    fail_reason: Line = None
    error_code: Line = None
    create_time: str | None = None

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


def read_task(item: object) -> ExportTask:
    """One item of the task list.

    Raises:
        UnexpectedAnswer: a status word or a shape this version does not know; never taken for "still running".
    """
    try:
        return ExportTask.model_validate(item)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in detail["loc"])
        fault = detail["msg"].removeprefix("Value error, ")
        raise UnexpectedAnswer(
            f"The vendor's task list holds what this version does not know: {field}: {fault}"
        ) from None
