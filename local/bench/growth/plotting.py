"""Pictures of how costs grow: one row for each sweep, one panel for each cost, logarithmic both ways."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from local.bench.growth.slopes import Cost, Sweep, peak_bytes, requests, seconds

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

COSTS: Mapping[str, Cost] = {
    "processor seconds": seconds,
    "peak memory, MiB": lambda point: peak_bytes(point) / 1024**2,
    "requests": requests,
}

_STYLE: "dict[RcKeyType, Any]" = {
    "svg.hashsalt": "growth",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 8,
}
_INCHES = (3.1, 2.1)
_LINE, _REFERENCE = "#0b6bcb", "#8a8f98"
_LEAST_SPAN = 40.0
_FINE, _FEW = (1.0, 2.0, 5.0), 100.0
"""Within two decades, there is room for more than their ends."""
_SHORT = ((1e9, "G"), (1e6, "M"), (1e3, "k"))


def plot(sweeps: Sequence[Sweep], file: Path) -> None:
    """Writes the picture; equal sweeps give equal bytes."""
    width, height = _INCHES
    with mpl.rc_context(_STYLE):
        figure = Figure((width * len(COSTS), height * len(sweeps)), layout="constrained", facecolor="white")
        panels = figure.subplots(len(sweeps), len(COSTS), squeeze=False)
        for sweep, row in zip(sweeps, panels, strict=True):
            for (title, cost), axes in zip(COSTS.items(), row, strict=True):
                _draw(axes, sweep, title, cost)
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})


def _draw(axes: Axes, sweep: Sweep, title: str, cost: Cost) -> None:
    work = [point.work for point in sweep.points]
    costs = [cost(point) for point in sweep.points]
    axes.loglog(work, [costs[0] * one / work[0] for one in work], color=_REFERENCE, linestyle="--", linewidth=1)
    axes.loglog(work, costs, color=_LINE, marker="o", markersize=3.5, linewidth=1.5)
    low, high = _limits(costs)
    axes.set_ylim(low, high)
    axes.set_title(f"{sweep.name}\n{title}", fontsize=8, loc="left")
    axes.set_xlabel(sweep.unit)
    axes.text(0.98, 0.06, f"exponent {sweep.exponent(cost):.2f}", transform=axes.transAxes, ha="right", color=_LINE)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(
            LogLocator(subs=_FINE if axis is axes.yaxis and high < _FEW * low else (1.0,), numticks=8)
        )
        axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
        axis.set_minor_locator(NullLocator())
    axes.grid(visible=True, which="major", color="#e3e5e8", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def _limits(costs: Sequence[float]) -> tuple[float, float]:
    """Room for the line, and a decade and a half at least: what is flat is to look flat."""
    low, high = min(costs) / 2, max(costs) * 2
    stretch = max(1.0, (_LEAST_SPAN / (high / low)) ** 0.5)
    return low / stretch, high * stretch


def short(value: float) -> str:
    """A number for an axis: 10k, 0.01."""
    for unit, letter in _SHORT:
        if value >= unit:
            return f"{value / unit:g}{letter}"
    return f"{value:g}"
