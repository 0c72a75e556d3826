"""What record-failure reads from its environment."""

from pydantic import Field

from workspace_exports.core.contract import ProjectId
from workspace_exports.runtime.settings.storage import ArchiveSettings


class RecordFailureSettings(ArchiveSettings):
    """What record-failure needs."""

    default_project_id: ProjectId | None = Field(default=None, alias="HUAWEICLOUD_SDK_PROJECT_ID")
