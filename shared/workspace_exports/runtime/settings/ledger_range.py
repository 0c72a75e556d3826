"""Settings of report and ledger: the expected series, and the time at which a missing day is at risk."""

from pydantic import Field

from workspace_exports.coverage.baseline import planned_series
from workspace_exports.coverage.targets import Series
from workspace_exports.runtime.settings.projects import TargetSettings
from workspace_exports.runtime.settings.storage import ArchiveSettings


class LedgerSettings(ArchiveSettings):
    """Settings of report and ledger, as far as they concern the archive alone, and nothing of the vendor."""

    at_risk_days: int = Field(
        default=7,
        alias="AT_RISK_DAYS",
        description="a missing day that the vendor keeps for no longer than this is reported as at risk",
        ge=1,
        le=30,
    )
    kept_days: int = Field(
        default=0,
        alias="ARCHIVE_RETENTION_DAYS",
        description="age at which the lifecycle removes an export; 0: never. Older days are neither missing nor lost",
        ge=0,
    )

    def series(self) -> list[Series]:
        """Return all series that were ever planned.

        Raises:
            ArchiveUnavailable: they cannot be listed.
        """
        return planned_series(self.open_archive())


class WatchingSettings(TargetSettings, LedgerSettings):
    """Settings of report and ledger: the expected series, and the time at which a missing day is at risk.

    They need no call to the vendor.
    """

    def series(self) -> list[Series]:
        """Return the series that the archive should have.

        They come from the targets, or from the project of these settings. If neither is set, the plan looks the project
        up at the vendor, and these are all series that were ever planned.

        Raises:
            Misconfigured: the list of targets is missing or wrong.
            ArchiveUnavailable: the list or the records of planned series cannot be read.
        """
        if self.has_targets or self.default_project_id:
            return [one for target in self.targets() for one in target.series()]
        return super().series()
