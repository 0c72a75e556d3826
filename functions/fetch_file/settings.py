"""What fetch-file reads from its environment."""

from pydantic import Field

from workspace_exports.runtime.settings.landing_limits import LandingSettings
from workspace_exports.runtime.settings.polling_times import PollingSettings
from workspace_exports.runtime.settings.projects import TargetSettings


class FetchFileSettings(TargetSettings, LandingSettings, PollingSettings):
    """What fetch-file needs; with a workflow to hand over to, it takes in only what one call over HTTP has time for."""

    export_workflow_arn: str | None = Field(default=None, alias="EXPORT_WORKFLOW_ARN")
