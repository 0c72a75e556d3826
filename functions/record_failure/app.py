"""record-failure: return why an export failed, part by part, and keep that in the archive."""

from pydantic import Field

from workspace_exports.archive.execution_failure import FailedExecution
from workspace_exports.core.contract import ProjectId
from workspace_exports.lifecycle.record import record_failure
from workspace_exports.runtime import entrypoint
from workspace_exports.runtime.settings.storage import ArchiveSettings


class RecordFailureSettings(ArchiveSettings):
    """Settings of record-failure."""

    default_project_id: ProjectId | None = Field(default=None, alias="HUAWEICLOUD_SDK_PROJECT_ID")


handler = entrypoint(record_failure, FailedExecution, RecordFailureSettings)
