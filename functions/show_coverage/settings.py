"""What show-coverage reads from its environment."""

from workspace_exports.settings.watching import WatchingSettings


class ShowCoverageSettings(WatchingSettings):
    """What show-coverage needs; it never calls the vendor."""
