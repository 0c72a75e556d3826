"""Lets ministack's CloudFormation take alarms that compute with metrics; nothing here evaluates an alarm."""

from collections.abc import Callable, Mapping
from typing import Any

from local.engine.patches import Replacements


def replacements() -> Replacements:
    """Return the replacements in ministack, for ``patches.applied``."""
    return {"services.cloudformation.provisioners:_cw_metric_alarm_record": _with_metric_math}


def _with_metric_math(original: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Ministack refuses such an alarm: it is taken in with a metric of no meaning, and kept with those it has."""

    def record(name: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        metrics = properties.get("Metrics", [])
        if not metrics:
            return original(name, properties)
        kept = original(name, {**properties, "Metrics": [], "MetricName": "none", "Namespace": "none"})
        single = ("MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit")
        return {**kept, **dict.fromkeys(single), "Metrics": metrics}

    return record
