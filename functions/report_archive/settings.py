"""What report-archive reads from its environment."""

from workspace_exports.runtime.settings.ledger_range import WatchingSettings


class ReportArchiveSettings(WatchingSettings):
    """What report-archive needs; it never calls the vendor."""
