"""What poll-status reads from its environment."""

from workspace_exports.settings.polling import PollingSettings
from workspace_exports.settings.targets import TargetSettings


class PollStatusSettings(TargetSettings, PollingSettings):
    """What poll-status needs."""
