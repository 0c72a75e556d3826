"""Under what the metrics stand."""

from pydantic import Field

from workspace_exports.runtime.settings.base import Settings


class MetricsSettings(Settings):
    """Under what the metrics stand; Powertools itself reads POWERTOOLS_METRICS_DISABLED."""

    namespace: str = Field(default="WorkspaceExports", alias="POWERTOOLS_METRICS_NAMESPACE")
    stack: str = Field(default="local", alias="STACK_NAME")
