"""How the demo looks: a live table on a terminal, plain lines anywhere else, and a table at the end."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from local.demo.collect import Checked
from local.demo.watch import Progress, Snapshot
from workspace_exports.coverage.notification import announce
from workspace_exports.coverage.reports import Report


@dataclass(frozen=True, slots=True)
class _Signs:
    """What is drawn beside the words; `more` stands for what is left out."""

    running: str
    succeeded: str
    failed: str
    more: str

    def of(self, status: str) -> str:
        """The mark of an export, in its colour."""
        match status:
            case "RUNNING":
                return f"[yellow]{self.running}[/]"
            case "SUCCEEDED":
                return f"[green]{self.succeeded}[/]"
            case _:
                return f"[red]{self.failed}[/]"


_SIGNS = _Signs(running="…", succeeded="✓", failed="✗", more="…")
_ASCII_SIGNS = _Signs(running="..", succeeded="ok", failed="!!", more="...")


def _signs(console: Console) -> _Signs:
    """Signs the console can show; rich itself sees to the lines of a table."""
    return _ASCII_SIGNS if console.options.ascii_only else _SIGNS


def show_progress(console: Console, snapshots: Iterable[Snapshot]) -> None:
    """Shows the snapshots as they come."""
    (_live if console.is_terminal else _lines)(console, snapshots)


def _live(console: Console, snapshots: Iterable[Snapshot]) -> None:
    with Live(console=console, transient=True) as live:
        for snapshot in snapshots:
            live.update(_progress_table(snapshot, _signs(console)))


def _lines(console: Console, snapshots: Iterable[Snapshot]) -> None:
    shown: list[Progress] = []
    said = ""
    for snapshot in snapshots:
        for progress in snapshot.exports:
            if progress not in shown:
                show_line(console, f"{progress.kind} {progress.day}  {progress.doing}")
        shown, said = snapshot.exports, str(snapshot)
    show_line(console, said)


def show_line(console: Console, line: str) -> None:
    """One line of plain text, however long, indented."""
    console.print(f"  {line}", markup=False, highlight=False, soft_wrap=True)


def _progress_table(snapshot: Snapshot, signs: _Signs) -> Table:
    table = Table(title=str(snapshot), title_justify="left", box=None, padding=(0, 2, 0, 0), show_header=False)
    for _ in range(4):
        table.add_column(overflow="fold")
    for progress in snapshot.exports:
        table.add_row(signs.of(progress.status), progress.kind, progress.day, progress.doing)
    return table


def show_archive(console: Console, archive: list[Checked], folder: Path) -> None:
    """Shows what was archived, one row a file."""
    table = Table(title=f"Archived under {folder}", title_justify="left")
    for heading in ("kind", "day", "bytes", "sha256", "check"):
        table.add_column(heading, justify="right" if heading == "bytes" else "left", overflow="fold")
    more = _signs(console).more
    for checked in archive:
        manifest = checked.manifest
        check = f"[red]{checked.fault}[/]" if checked.fault else "[green]verified[/]"
        table.add_row(
            manifest.kind, str(manifest.window.day), f"{manifest.size_bytes:,}", f"{manifest.sha256[:12]}{more}", check
        )
    console.print(table)


def show_report(console: Console, report: Report, file: Path, page: Path) -> None:
    """Shows what the run's subscribers are told."""
    console.print("Report")
    for line in announce(report, str(file), str(page)).text.splitlines():
        show_line(console, line)
