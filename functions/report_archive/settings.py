"""What report-archive reads from its environment."""

from workspace_exports.settings.watching import WatchingSettings


class ReportArchiveSettings(WatchingSettings):
    """What report-archive needs; it never calls the vendor."""
