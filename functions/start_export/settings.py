"""What start-export reads from its environment."""

from workspace_exports.runtime.settings.polling_times import PollingSettings
from workspace_exports.runtime.settings.projects import TargetSettings


class StartExportSettings(TargetSettings, PollingSettings):
    """What start-export needs."""
