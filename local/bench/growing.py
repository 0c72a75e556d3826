"""Growth: what each function costs as its work grows, by sweeps over files, projects, windows and archives."""

from collections.abc import Iterator, Mapping, Sequence

from local.bench.growth.files import file_sweep
from local.bench.growth.plotting import plot
from local.bench.growth.slopes import Sweep, peak_bytes, requests, seconds
from local.bench.growth.sweeping import MOST_ROUNDS
from local.bench.growth.sweeps import archive_sweeps, run_sweeps
from local.bench.measuring import MIB
from local.bench.results import DRAWN, Goal, Section

_NOISE = 1.25
"""A step is linear at 1, and two measurements of the same differ by this much on a machine that has more to do."""

_TEXT = f"""\
Each function in a fresh process, its imports not counted, by more and more work; medians of {MOST_ROUNDS} rounds at
most. The archive is a bucket on loopback that lists as S3 does, a thousand keys at a time, and makes every content when
it is read, so that a million manifests cost what their keys take; files go from one nginx to another.
`bound` is the most requests that the formulas in `local/bench/growth/bounds.py` allow, "step" how much more the
processor time grew than the work since the row above: 1 is linear, less is better. In the pictures, dashed is linear.

- **More projects**: every kind of every project, each day of a year.
- **Older archive**: two projects, every kind every day for up to 12 years, and every hour of them besides.
- **Windows of a run**: what one of them takes beside so many others, in the archive and in the vendor's task list,
  times their number.
"""
_NOTES = (
    (
        "Where listing dominates: a plan asks for one page of keys for each kind and project, however old the archive "
        "is and whatever else is in it; what has landed is not read."
    ),
    (
        "A look at the coverage lists which kinds and projects there are, a thousand projects a page, and then as many "
        "series as one answer holds, 24,000 days: from there on it costs the same, whatever the archive's size. It "
        "reads at most 2,000 manifests that no index has, and the next look the next ones."
    ),
    "A report reads the manifest of every window that its run planned, and for the page those that no index has.",
    "In a folder or in memory, a listing goes over all keys of its series: neither can begin behind a key.",
)


def run(rounds: int) -> Section:
    """All sweeps, and their pictures."""
    drawn = {
        "growth-of-runs.svg": [file_sweep(rounds), *run_sweeps(rounds)],
        "growth-of-archives.svg": archive_sweeps(rounds),
    }
    DRAWN.mkdir(parents=True, exist_ok=True)
    for name, sweeps in drawn.items():
        plot(sweeps, DRAWN / name)
    return section(drawn)


def section(drawn: Mapping[str, Sequence[Sweep]]) -> Section:
    """The findings, by the name of their picture."""
    sweeps = [sweep for drawn_together in drawn.values() for sweep in drawn_together]
    return Section(
        title="Growth",
        text=_TEXT,
        columns=("what", "work", "processor seconds", "step", "peak MiB", "requests", "bound"),
        rows=tuple(row for sweep in sweeps for row in _rows(sweep)),
        goals=tuple(_goals(sweeps)),
        notes=(_exponents(sweeps), *_NOTES),
        pictures={name: f"Processor time, memory and requests of {_listed(drawn[name])}" for name in drawn},
    )


def _rows(sweep: Sweep) -> Iterator[tuple[str, ...]]:
    steps = ["", *(f"{step:.2f}" for step in sweep.steps(seconds))]
    for point, step in zip(sweep.points, steps, strict=True):
        yield (
            sweep.name,
            f"{point.work:,} {sweep.unit}",
            f"{point.seconds:.3g}",
            step,
            f"{point.peak_bytes / MIB:.0f}",
            f"{point.requests:,}",
            f"{point.bound:,}",
        )


def _goals(sweeps: Sequence[Sweep]) -> Iterator[Goal]:
    """Time is measured, beside whatever else the machine does; requests are counted."""
    for sweep in sweeps:
        yield Goal(what=f"{sweep.name}: worst step of processor time", seen=sweep.worst_step(seconds), at_most=_NOISE)
    yield Goal(what="all: worst step of memory", seen=max(one.worst_step(peak_bytes) for one in sweeps), at_most=1)
    yield Goal(what="all: requests, of their bound", seen=max(one.requests_of_bound for one in sweeps), at_most=1)


def _exponents(sweeps: Sequence[Sweep]) -> str:
    """The slopes of the lines in the pictures."""
    costs = (seconds, peak_bytes, requests)
    told = (f"{sweep.name} {' / '.join(f'{sweep.exponent(cost):.2f}' for cost in costs)}" for sweep in sweeps)
    return f"Exponents of processor time / memory / requests (1 is linear, 0 constant): {'; '.join(told)}."


def _listed(sweeps: Sequence[Sweep]) -> str:
    return "; ".join(sweep.name for sweep in sweeps)
