"""`make bench`: measures the bundle against what a user would pick instead; writes docs/benchmarks.md and its JSON.

Options go through BENCH=...: make bench BENCH="imports --rounds 5". Figures that are to be kept want a quiet machine.
"""

import argparse
import platform
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import FrameType

import psutil

from local.artifact import ROOT
from local.bench import costing, fetching, importing, packaging
from local.bench.page import page
from local.bench.results import Circumstances, Record, Section, load, save
from local.bench.servers import ProgramMissing
from local.terminal import open_console
from workspace_exports.core.clock import utc_now

KEPT = ROOT / "docs" / "benchmarks.json"
PAGE = ROOT / "docs" / "benchmarks.md"

Benchmark = Callable[[int], Section]

BENCHMARKS: Mapping[str, Benchmark] = {
    "fetch-file": fetching.run,
    "imports": importing.run,
    "package": packaging.run,
    "money": costing.run,
}
"""By name, in the order of the page."""

LACKING = 2
_ROUNDS = 9
_VERSIONED = ("httpx", "obstore", "pydantic", "aws-lambda-powertools", "boto3", "huaweicloudsdkworkspace")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, show, keep; 1 where a goal was missed, 2 where a program is."""
    options = _options(arguments)
    console = open_console()
    missed = 0
    for name in options.benchmarks or BENCHMARKS:
        try:
            with console.status(f"{name} ..."):
                section = BENCHMARKS[name](options.rounds)
        except ProgramMissing as missing:
            print(missing, file=sys.stderr)
            return LACKING
        record = Record(circumstances=_circumstances(name, options.rounds), section=section)
        console.print(page({name: record}), markup=False, highlight=False, soft_wrap=True)
        missed += sum(not goal.is_reached for goal in section.goals)
        if not options.dry_run:
            _keep(load(KEPT) | {name: record})
    return 1 if missed else 0


def _keep(records: Mapping[str, Record]) -> None:
    """Each as soon as it is there: a run takes long."""
    save(KEPT, records, BENCHMARKS)
    PAGE.write_text(page(load(KEPT)), encoding="utf-8")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.bench",
        description=__doc__,
        epilog="Exits with 0 if all goals are reached, 1 if one is missed, 2 if a program is missing.",
    )
    parser.add_argument("benchmarks", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all by default")
    parser.add_argument("--rounds", type=_positive, default=_ROUNDS, help=f"of each measurement; {_ROUNDS} by default")
    parser.add_argument("--dry-run", action="store_true", help="show what was seen, and keep what is in docs/")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.benchmarks if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {unknown[0]!r}: choose from {', '.join(BENCHMARKS)}")
    return options


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number, at least 1, not {text!r}")
    return int(text)


def _circumstances(name: str, rounds: int) -> Circumstances:
    return Circumstances(
        day=utc_now().date(),
        command=f'make bench BENCH="{name} --rounds {rounds}"',
        rounds=rounds,
        machine=f"{platform.machine()}, {psutil.cpu_count()} cores, {_processor()}",
        versions={"Python": platform.python_version()}
        | {name: found for name in _VERSIONED if (found := _found(name))},
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def _found(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _end(_signal: int, _frame: FrameType | None) -> None:
    """Ends like Ctrl-C does: no server stays behind, nor files of gigabytes."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _end)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted; what had been measured is kept. Start again with: make bench")
