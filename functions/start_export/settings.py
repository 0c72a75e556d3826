"""What start-export reads from its environment."""

from workspace_exports.settings.polling import PollingSettings
from workspace_exports.settings.targets import TargetSettings


class StartExportSettings(TargetSettings, PollingSettings):
    """What start-export needs."""
