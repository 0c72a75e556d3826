"""How a cost grows with the work: the exponent over a whole sweep, and its worst step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import log
from statistics import linear_regression


@dataclass(frozen=True, slots=True)
class Point:
    """What one amount of work costs.

    Attributes:
        seconds: Of processor time, beyond the import of what does it.
        peak_bytes: Of the whole process.
        requests: What was asked of storage and vendor together.
        bound: As many requests as there may be, by a formula.
    """

    work: int
    seconds: float
    peak_bytes: int
    requests: int
    bound: int


Cost = Callable[[Point], float]


def seconds(point: Point) -> float:
    """Its processor time."""
    return point.seconds


def peak_bytes(point: Point) -> float:
    """Its memory."""
    return point.peak_bytes


def requests(point: Point) -> float:
    """What was asked."""
    return point.requests


@dataclass(frozen=True, slots=True)
class Sweep:
    """One kind of work, in growing amounts.

    Attributes:
        name: What is done.
        unit: Of the work.
        points: By their work, the least first.
    """

    name: str
    unit: str
    points: Sequence[Point]

    def exponent(self, cost: Cost) -> float:
        """Of the power law that fits best: 0 is constant, 1 linear, 2 quadratic. Least squares over the logarithms."""
        return linear_regression([log(one.work) for one in self.points], [log(cost(one)) for one in self.points]).slope

    def steps(self, cost: Cost) -> list[float]:
        """How much more the cost grew than the work, from each point to the next: 1 is linear, less is better."""
        return [(cost(to) / cost(of)) / (to.work / of.work) for of, to in pairwise(self.points)]

    def worst_step(self, cost: Cost) -> float:
        """The one that grew most."""
        return max(self.steps(cost))

    @property
    def requests_of_bound(self) -> float:
        """The most requests that any point took, as a share of its bound."""
        return max(point.requests / point.bound for point in self.points)
