"""`make faults`: every fault on every operation, tried on the deployed bundle; writes docs/faults.md.

Options go through TRIALS=...: make faults TRIALS="--only throttled".
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from local.terminal import open_console
from local.trials.page import PAGE, render
from local.trials.programme import programme
from local.trials.stage import STAGES, set_up
from local.trials.trial import Finding, Trial

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Tries what is asked for; 1 where anything was lost or doubled, 2 where nothing is called so."""
    options = _options(arguments)
    trials = [trial for trial in programme() if options.only in str(trial)]
    if not trials:
        print(f"No trial is called {options.only!r}; --list shows all.", file=sys.stderr)
        return 2
    if options.list:
        print(*trials, sep="\n")
        return 0
    findings = list(_played(trials))
    if not options.only or options.to:
        to = options.to or PAGE
        to.write_text(render(findings), encoding="utf-8")
    return 0 if all(finding.is_sound for finding in findings) else 1


def _played(trials: Sequence[Trial]) -> Iterator[Finding]:
    """Stage by stage, each as it is found, in a line of its own."""
    console = open_console()
    columns = TextColumn("{task.description}"), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("trials", total=len(trials))
        for name, group in groupby(
            sorted(trials, key=lambda trial: list(STAGES).index(trial.stage)), lambda t: t.stage
        ):
            with set_up(STAGES[name]) as stage:
                for trial in group:
                    finding = stage.play(trial)
                    console.print(_line(finding), markup=False, highlight=False, soft_wrap=True)
                    progress.advance(task)
                    yield finding


def _line(finding: Finding) -> str:
    sound = "" if finding.is_sound else f"  LOST OR DOUBLED: {'; '.join(finding.problems)}"
    attempts = f"{finding.attempts} attempts, {finding.counts.tasks} tasks"
    return f"{finding.trial}: {finding.outcome}, {attempts}; then {finding.next_outcome}{sound}"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.trials",
        description=__doc__,
        epilog="Exits with 0 if nothing was lost or doubled, 1 if anything was, 2 if nothing is called so.",
    )
    parser.add_argument(
        "--only", default="", metavar="WORDS", help="the trials whose names hold this, such as 'list throttled'"
    )
    parser.add_argument("--list", action="store_true", help="name the trials and try nothing")
    parser.add_argument("--to", type=Path, metavar="FILE", help="write the page there (default docs/faults.md, if all)")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("Interrupted; docs/faults.md is as it was.", file=sys.stderr)
        sys.exit(INTERRUPTED)
