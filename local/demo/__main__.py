"""`make demo`: the main job, end to end, without an account."""

import argparse
import signal
import sys
from datetime import timedelta
from pathlib import Path
from types import FrameType

from rich.console import Console

from local.artifact import ROOT
from local.demo.collect import check_archive, copy_archive, last_report, objection
from local.demo.display import show_archive, show_progress, show_report
from local.demo.faults import Faults, faults_help, parse_faults, tally
from local.demo.serve import serve
from local.demo.stage import Stage, set_up
from local.demo.watch import RunWatch
from local.engine import executions
from local.terminal import open_console
from workspace_exports.archive.layout import COVERAGE_PAGE
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

KINDS = ("connection-records", "app-user-access", "app-usage")
DAYS = range(1, 29)


def main() -> int:
    """Plays the demo; 0 only if everything asked for was archived and verified."""
    options = _options()
    console = open_console()
    console.print(
        "Starting a stand-in for the vendor and a local engine, deploying template.yaml to it", soft_wrap=True
    )
    with set_up(options.task_seconds, options.faults) as stage:
        console.print(f"  vendor {stage.vendor.url}, engine {stage.engine.url}", highlight=False, soft_wrap=True)
        code = _archive(stage, console, options.days, options.folder)
        if options.serve:
            serve(stage, console)
        return code


def _archive(stage: Stage, console: Console, days: int, folder: Path) -> int:
    first_unsettled = (utc_now() - LATE_DATA).date()
    first, last = first_unsettled - timedelta(days=days), first_unsettled - timedelta(days=1)
    planned = days * len(KINDS)
    intent = f"Archiving {', '.join(KINDS[:-1])} and {KINDS[-1]}, {first} to {last}: {planned} exports"
    console.print(intent, highlight=False, soft_wrap=True)
    order = {"kinds": KINDS, "first_day": str(first), "last_day": str(last)}
    run = RunWatch(stage, executions.start(stage.engine, stage.stack.outputs["ArchiveWorkflowArn"], order))
    show_progress(console, run.snapshots())
    _show_faults(stage, console)
    copy_archive(stage, folder / "archive")
    archive = check_archive(stage, folder / "archive")
    show_archive(console, archive, _relative(folder / "archive"))
    reported, page = last_report(folder / "archive"), folder / "archive" / COVERAGE_PAGE
    if reported:
        file, report = reported
        show_report(console, report, _relative(file), _relative(page))
    faults = [fault for fault in (run.failure(), *(checked.fault for checked in archive)) if fault]
    if len(archive) != planned:
        faults.append(f"{planned} exports were asked for, {len(archive)} are archived")
    if not reported:
        faults.append("the run has left no report")
    if not page.is_file():
        faults.append("the run has left no coverage page")
    for fault in faults:
        console.print(f"FAILED: {fault}", style="red", markup=False, soft_wrap=True)
    if not faults:
        console.print(
            f"All {planned} exports archived and verified. Open one: {_relative(archive[0].file)}", soft_wrap=True
        )
    return 1 if faults else 0


def _show_faults(stage: Stage, console: Console) -> None:
    if stage.vendor.fault_rate:
        for line in tally(stage.vendor.random_faults, len(stage.vendor.requests)):
            console.print(line, markup=False, highlight=False, soft_wrap=True)


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("--days", type=int, choices=DAYS, default=3, metavar="N", help="how many days back (default 3)")
    parser.add_argument(
        "--task-seconds",
        type=float,
        default=0.8,
        metavar="S",
        help="how long the vendor takes for a file (default 0.8)",
    )
    parser.add_argument("--serve", action="store_true", help="keep the HTTP API up after the run, until Ctrl-C")
    parser.add_argument(
        "--folder", type=Path, default=ROOT / ".demo", metavar="DIR", help="where the files go (default .demo)"
    )
    parser.add_argument(
        "--faults",
        type=_faults,
        default=Faults(),
        metavar="F",
        help='what the vendor does wrong: "20%%", "30%% html-page lost-answer"; help lists all (default: nothing)',
    )
    options = parser.parse_args()
    if reason := objection(options.folder / "archive"):
        parser.error(reason)
    return options


def _faults(text: str) -> Faults:
    if text.strip() == "help":
        print(*faults_help(), sep="\n")
        sys.exit()
    try:
        return parse_faults(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _end(_signal: int, _frame: FrameType | None) -> None:
    """Ends like Ctrl-C does: every block is left, so that no process stays behind."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    for ending in (signal.SIGTERM, signal.SIGHUP):  # killed, or its terminal closed
        signal.signal(ending, _end)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted; nothing is left running. Start again with: make demo")
