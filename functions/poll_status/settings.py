"""What poll-status reads from its environment."""

from workspace_exports.runtime.settings.polling_times import PollingSettings
from workspace_exports.runtime.settings.projects import TargetSettings


class PollStatusSettings(TargetSettings, PollingSettings):
    """What poll-status needs."""
