"""Settings of the metrics: their namespace and their stack."""

from pydantic import Field

from workspace_exports.runtime.settings.base import Settings


class MetricsSettings(Settings):
    """Settings of the metrics: namespace and stack. Powertools itself reads POWERTOOLS_METRICS_DISABLED."""

    namespace: str = Field(
        default="WorkspaceExports",
        alias="POWERTOOLS_METRICS_NAMESPACE",
        description="the namespace of the metrics in CloudWatch",
    )
    stack: str = Field(
        default="local",
        alias="STACK_NAME",
        description="the dimension that separates one stack's metrics from another's",
    )
