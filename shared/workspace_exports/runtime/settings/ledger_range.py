"""What the archive is to have, and when a missing day is in danger."""

from pydantic import Field

from workspace_exports.coverage.baseline import planned_series
from workspace_exports.coverage.targets import Series
from workspace_exports.runtime.settings.projects import TargetSettings


class WatchingSettings(TargetSettings):
    """What the archive is to have, and when a missing day is in danger; needs no call to the vendor."""

    at_risk_days: int = Field(default=7, alias="AT_RISK_DAYS", ge=1, le=30)
    kept_days: int = Field(default=0, alias="ARCHIVE_RETENTION_DAYS", ge=0)

    def series(self) -> list[Series]:
        """What the archive is to have; where the project is looked up for the plan, what has ever been planned.

        Raises:
            Misconfigured: the list of targets is of no use.
            ArchiveUnavailable: the list or the plans' beginnings cannot be read.
        """
        if self.has_targets or self.default_project_id:
            return [one for target in self.targets() for one in target.series()]
        return planned_series(self.open_archive())
