"""What show-coverage reads from its environment."""

from workspace_exports.runtime.settings.ledger_range import WatchingSettings


class ShowCoverageSettings(WatchingSettings):
    """What show-coverage needs; it never calls the vendor."""
