"""What plan-archive reads from its environment."""

from workspace_exports.runtime.settings.projects import TargetSettings


class PlanArchiveSettings(TargetSettings):
    """What plan-archive needs; it calls the vendor only where the project's id is to be looked up."""
