"""Metrics in CloudWatch's embedded metric format (EMF), with one function for each counted fact.

No metric holds a project, a filter or a caller's text: every name and every dimension is from a short list of our own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from workspace_exports.events import Archived, Outcome
from workspace_exports.exports import EXPORTS


@dataclass(frozen=True, slots=True)
class _Fact:
    """Value of one metric, for one kind or for the whole stack."""

    name: str
    value: float = 1
    unit: MetricUnit = MetricUnit.Count
    kind: str | None = None


_facts: ContextVar[list[_Fact] | None] = ContextVar("facts", default=None)


@contextmanager
def collecting(namespace: str, stack: str) -> Iterator[None]:
    """Write the facts noted in the block to standard output when it ends, after an error too.

    Nothing is written if no fact was noted, or if POWERTOOLS_METRICS_DISABLED is true. A fact noted outside of any such
    block is dropped.

    Args:
        namespace: the namespace of all metrics.
        stack: the dimension `Stack` of all metrics.
    """
    facts: list[_Fact] = []
    token = _facts.set(facts)
    try:
        yield
    finally:
        _facts.reset(token)
        for kind in {fact.kind: None for fact in facts}:
            _write(namespace, stack, kind, [fact for fact in facts if fact.kind == kind])


def count_order(kind: str) -> None:
    """Count an order for which the vendor has made a task."""
    _record(_Fact("ExportsOrdered", kind=kind))


def count_status_check(kind: str) -> None:
    """Count a status check in the vendor's task list."""
    _record(_Fact("Looks", kind=kind))


def record_task_end(kind: str, after: timedelta) -> None:
    """Record the time from a task's order until a status check has seen its end."""
    _record(_Fact("TaskSeconds", max(0.0, after.total_seconds()), MetricUnit.Seconds, kind))


def record_landing(kind: str, archived: Archived) -> None:
    """Count an archived export, and a landed one's bytes, unless it was in the archive before."""
    if archived.outcome is Outcome.EMPTY:
        _record(_Fact("ExportsEmpty", kind=kind))
    if archived.outcome is Outcome.LANDED:
        _record(_Fact("ExportsLanded", kind=kind))
        _record(_Fact("BytesLanded", archived.size_bytes, MetricUnit.Bytes, kind))


def count_failure(kind: str | None) -> None:
    """Count an export whose run has ended in a failure; the kind is None where it is not known."""
    _record(_Fact("ExportsFailed", kind=kind))


def count_throttling(kind: str | None) -> None:
    """Count a function that has ended with `Throttled`."""
    _record(_Fact("VendorThrottled", kind=kind))


def record_days(*, missing: int, at_risk: int, lost: int, newly_lost: int) -> None:
    """Record the numbers of days that the archive lacks; a zero is recorded too, because it ends an alarm.

    Args:
        missing: days that the vendor still has, those at risk included.
        at_risk: missing days that the vendor will soon no longer have.
        lost: days that the vendor no longer has.
        newly_lost: lost days that the vendor still had at the last report.
    """
    counts = {"DaysMissing": missing, "DaysAtRisk": at_risk, "DaysLost": lost, "DaysNewlyLost": newly_lost}
    for name, count in counts.items():
        _record(_Fact(name, count))


def _record(fact: _Fact) -> None:
    facts = _facts.get()
    if facts is not None:
        facts.append(fact)


def _write(namespace: str, stack: str, kind: str | None, facts: list[_Fact]) -> None:
    """Write one EMF document: every metric by stack and, where there is a kind, by stack and kind too."""
    metrics = AmazonCloudWatchEMFProvider(namespace=namespace)
    metrics.service = ""  # POWERTOOLS_SERVICE_NAME would add a dimension, and no alarm would find its metric.
    metrics.add_dimension("Stack", stack)
    if kind and kind in EXPORTS:
        metrics.add_dimensions(Stack=stack, Kind=kind)
    for fact in facts:
        metrics.add_metric(fact.name, fact.unit, fact.value)
    metrics.flush_metrics()
