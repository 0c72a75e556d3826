"""The metrics in a function's output, as CloudWatch reads its embedded metric format."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Metric:
    """One value, as it stands for one set of dimensions."""

    name: str
    value: float
    unit: str = "Count"
    dimensions: dict[str, str] = field(default_factory=lambda: {"Stack": "local"})


def metrics(output: str | Iterable[str], namespace: str = "WorkspaceExports") -> list[Metric]:
    """All of them, after the specification of the format; whatever else is written is passed over."""
    lines = output.splitlines() if isinstance(output, str) else output
    documents = [json.loads(line) for line in lines if line.startswith('{"_aws"')]
    return [metric for document in documents for metric in _metrics(document, namespace)]


def _metrics(document: dict[str, object], namespace: str) -> Iterable[Metric]:
    aws = document.pop("_aws")
    assert isinstance(aws, dict)
    assert aws.keys() == {"Timestamp", "CloudWatchMetrics"}
    assert isinstance(aws["Timestamp"], int)
    (directive,) = aws["CloudWatchMetrics"]
    assert directive.keys() == {"Namespace", "Dimensions", "Metrics"}
    assert directive["Namespace"] == namespace
    assert all(definition.keys() == {"Name", "Unit"} for definition in directive["Metrics"])
    defined = {name for one in directive["Dimensions"] for name in one} | {one["Name"] for one in directive["Metrics"]}
    assert document.keys() == defined, "what is no metric and no dimension is a word nobody promised"
    for definition in directive["Metrics"]:
        values = document[definition["Name"]]
        assert isinstance(values, list)
        (value,) = values
        assert isinstance(value, float)
        for names in directive["Dimensions"]:
            yield Metric(definition["Name"], value, definition["Unit"], {name: str(document[name]) for name in names})
