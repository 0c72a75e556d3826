"""What happened, in numbers: one function per fact, written as metrics in CloudWatch's embedded metric format (EMF).

Never a project, a filter or a caller's word: every name and every dimension is from a short list of our own.
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
    """One value of one metric, of one kind or of the whole stack."""

    name: str
    value: float = 1
    unit: MetricUnit = MetricUnit.Count
    kind: str | None = None


_facts: ContextVar[list[_Fact] | None] = ContextVar("facts", default=None)


@contextmanager
def collecting(namespace: str, stack: str) -> Iterator[None]:
    """Writes to standard output, when the block ends, however it does, what was noted in it.

    Nothing is written where nothing was noted, or where POWERTOOLS_METRICS_DISABLED is true; what is noted outside of
    any such block is dropped.

    Args:
        namespace: of all metrics.
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


def ordered(kind: str) -> None:
    """The vendor has made a task for an order."""
    _note(_Fact("ExportsOrdered", kind=kind))


def looked(kind: str) -> None:
    """The vendor's task list has been asked for a task."""
    _note(_Fact("Looks", kind=kind))


def task_ended(kind: str, after: timedelta) -> None:
    """A look has seen a task's end, that long after its order."""
    _note(_Fact("TaskSeconds", max(0.0, after.total_seconds()), MetricUnit.Seconds, kind))


def archived(kind: str, archived: Archived) -> None:
    """An export is in the archive; counted where it was not there before."""
    if archived.outcome is Outcome.EMPTY:
        _note(_Fact("ExportsEmpty", kind=kind))
    if archived.outcome is Outcome.LANDED:
        _note(_Fact("ExportsLanded", kind=kind))
        _note(_Fact("BytesLanded", archived.size_bytes, MetricUnit.Bytes, kind))


def failed(kind: str | None) -> None:
    """An export has failed for good in this run; None where nobody knows of what kind."""
    _note(_Fact("ExportsFailed", kind=kind))


def throttled(kind: str | None) -> None:
    """A function has ended because it was asked to call less often."""
    _note(_Fact("VendorThrottled", kind=kind))


def days(*, missing: int, at_risk: int, lost: int, newly_lost: int) -> None:
    """How many days the archive lacks; zero is told too, or no alarm would ever end.

    Args:
        missing: those that the vendor still has, those at risk included.
        at_risk: those of them that it will not have for much longer.
        lost: those that it no longer has.
        newly_lost: those of them that it had at the last report.
    """
    counts = {"DaysMissing": missing, "DaysAtRisk": at_risk, "DaysLost": lost, "DaysNewlyLost": newly_lost}
    for name, count in counts.items():
        _note(_Fact(name, count))


def _note(fact: _Fact) -> None:
    facts = _facts.get()
    if facts is not None:
        facts.append(fact)


def _write(namespace: str, stack: str, kind: str | None, facts: list[_Fact]) -> None:
    """One EMF document: every metric by stack and, where there is a kind, by stack and kind too."""
    metrics = AmazonCloudWatchEMFProvider(namespace=namespace)
    metrics.service = ""  # POWERTOOLS_SERVICE_NAME would be one dimension more, and no alarm would find its metric.
    metrics.add_dimension("Stack", stack)
    if kind and kind in EXPORTS:
        metrics.add_dimensions(Stack=stack, Kind=kind)
    for fact in facts:
        metrics.add_metric(fact.name, fact.unit, fact.value)
    metrics.flush_metrics()
