"""plan-archive: name the days that the archive lacks and the vendor still has."""

from workspace_exports.coverage.plan import plan_archive
from workspace_exports.coverage.plans import PlanRequest
from workspace_exports.runtime import entrypoint
from workspace_exports.runtime.settings.projects import TargetSettings


class PlanArchiveSettings(TargetSettings):
    """Settings of plan-archive; it calls the vendor only to look up the project's id."""


handler = entrypoint(plan_archive, PlanRequest, PlanArchiveSettings)
