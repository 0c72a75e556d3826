"""Judges alarms as CloudWatch documents that it does: metrics by dimension and period, an expression, a threshold.

The source is CloudWatch's user guide: "Using metric math", "Configuring how CloudWatch alarms treat missing data". What
is not documented there, or used by no alarm of ours, is refused with NotImplementedError: SUM, of which the guide does
not say what it makes of missing values, units, percentiles. CloudWatch reads more periods than it judges, and thereby
may keep a state for some minutes longer than told here.
"""

import ast
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

Alarm = Mapping[str, Any]
"""An alarm as DescribeAlarms gives it."""
Series = Mapping[int, float]
"""Values by the number of their period."""
_COMPARISONS = {"GreaterThanThreshold": operator.gt, "LessThanThreshold": operator.lt}
_STATISTICS: Mapping[str, Callable[[list[float]], float]] = {"Sum": sum, "Maximum": max, "Minimum": min}


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a metric with one set of dimensions."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    at: datetime
    value: float = 1
    late: timedelta = timedelta()
    """Delay between the time of a point and its arrival at CloudWatch."""


def states(alarm: Alarm, points: Iterable[Point], first: datetime, last: datetime) -> Iterator[str]:
    """Yields every state that the alarm changes to between two times; it is OK before.

    CloudWatch judges an alarm every minute, and one with a period of an hour or more every hour.
    """
    state, known, period = "OK", [point for point in points if point.name in _names(alarm)], _period(alarm)
    step = timedelta(minutes=1) if period < timedelta(hours=1) else timedelta(hours=1)
    while first <= last:
        visible = [point for point in known if point.at < first and point.at + point.late <= first]
        new = _state(alarm, visible, first, state)
        if new != state:
            yield new
        state, first = new, first + step


def _state(alarm: Alarm, points: list[Point], now: datetime, before: str) -> str:
    last = _number(now, _period(alarm))
    judged = range(last - alarm["EvaluationPeriods"], last)
    values = _values(alarm, points, judged)
    breaches = [_breaches(alarm, values.get(number)) for number in judged]
    if None in breaches:
        return before
    return "ALARM" if sum(map(bool, breaches)) >= (alarm.get("DatapointsToAlarm") or len(judged)) else "OK"


def _breaches(alarm: Alarm, value: float | None) -> bool | None:
    """Compares a value with the threshold; None where it is missing and the alarm keeps its state."""
    if value is None:
        return {"breaching": True, "notBreaching": False, "ignore": None}[alarm["TreatMissingData"]]
    return bool(_COMPARISONS[alarm["ComparisonOperator"]](value, alarm["Threshold"]))


def _values(alarm: Alarm, points: list[Point], judged: range) -> Series:
    if not alarm.get("Metrics"):
        return _series(alarm, timedelta(seconds=alarm["Period"]), alarm["Statistic"], points)
    series = {
        query["Id"]: _series(stat["Metric"], timedelta(seconds=stat["Period"]), stat["Stat"], points)
        for query in alarm["Metrics"]
        if (stat := query.get("MetricStat"))
    }
    (told,) = [query for query in alarm["Metrics"] if query["ReturnData"]]
    return _computed(ast.parse(told["Expression"], mode="eval").body, series, judged)


def _computed(expression: ast.expr, series: Mapping[str, Series], judged: range) -> Series:
    match expression:
        case ast.Name(id=name):
            return series[name]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            one, other = (_computed(side, series, judged) for side in (left, right))
            # "Missing values in a time series are treated as 0", of arithmetic operators.
            return {number: one.get(number, 0) + other.get(number, 0) for number in one.keys() | other.keys()}
        case ast.Call(func=ast.Name(id="FILL"), args=[filled, ast.Constant(value=float() | int() as value)]):
            found = _computed(filled, series, judged)
            return {number: found.get(number, value) for number in judged}
    raise NotImplementedError(f"an alarm that computes {ast.unparse(expression)}")


def _series(metric: Mapping[str, Any], period: timedelta, statistic: str, points: list[Point]) -> Series:
    if metric.get("Unit"):
        raise NotImplementedError("an alarm that asks for a unit")
    dimensions = {dimension["Name"]: dimension["Value"] for dimension in metric["Dimensions"]}
    found = defaultdict(list)
    for point in points:
        if (point.namespace, point.name, point.dimensions) == (metric["Namespace"], metric["MetricName"], dimensions):
            found[_number(point.at, period)].append(point.value)
    return {number: _STATISTICS[statistic](values) for number, values in found.items()}


def _period(alarm: Alarm) -> timedelta:
    """Reads the one period of an alarm."""
    (seconds,) = {stat["Period"] for stat in _stats(alarm) or [alarm]}
    return timedelta(seconds=seconds)


def _names(alarm: Alarm) -> set[str]:
    return {stat["Metric"]["MetricName"] for stat in _stats(alarm)} or {alarm["MetricName"]}


def _stats(alarm: Alarm) -> list[Mapping[str, Any]]:
    return [query["MetricStat"] for query in alarm.get("Metrics") or [] if "MetricStat" in query]


def _number(at: datetime, period: timedelta) -> int:
    return int(at.timestamp() // period.total_seconds())
