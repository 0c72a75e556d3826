"""How the demo looks: a live table on a terminal, plain lines anywhere else, and a table at the end."""

from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.live import Live
from rich.table import Table

from local.demo.collect import Checked
from local.demo.watch import Progress

_MARKS = {"RUNNING": "[yellow]…[/]", "SUCCEEDED": "[green]✓[/]"}
_FAILED = "[red]✗[/]"


def show_progress(console: Console, snapshots: Iterable[list[Progress]], planned: int) -> list[Progress]:
    """Shows the snapshots as they come; returns the last one."""
    return (_live if console.is_terminal else _lines)(console, snapshots, planned)


def _live(console: Console, snapshots: Iterable[list[Progress]], planned: int) -> list[Progress]:
    last: list[Progress] = []
    with Live(console=console, transient=True) as live:
        for last in snapshots:
            live.update(_progress_table(last, planned))
    return last


def _lines(console: Console, snapshots: Iterable[list[Progress]], planned: int) -> list[Progress]:
    last: list[Progress] = []
    for snapshot in snapshots:
        for progress in snapshot:
            if progress not in last:
                console.print(
                    f"  {progress.kind} {progress.day}  {progress.doing}", markup=False, highlight=False, soft_wrap=True
                )
        last = snapshot
    console.print(f"  {_summary(last, planned)}", markup=False, highlight=False, soft_wrap=True)
    return last


def _progress_table(snapshot: list[Progress], planned: int) -> Table:
    table = Table(title=_summary(snapshot, planned), title_justify="left", box=None, padding=(0, 2, 0, 0))
    for progress in snapshot:
        mark = _MARKS.get(progress.status, _FAILED)
        table.add_row(mark, progress.kind, progress.day, progress.doing)
    return table


def _summary(snapshot: list[Progress], planned: int) -> str:
    counts = {status: sum(p.status == status for p in snapshot) for status in ("RUNNING", "SUCCEEDED")}
    failed = len(snapshot) - sum(counts.values())
    return f"{planned} planned, {counts['RUNNING']} running, {counts['SUCCEEDED']} archived, {failed} failed"


def archive_table(archive: list[Checked], folder: Path) -> Table:
    """What was archived, one row a file."""
    table = Table(title=f"Archived under {folder}", title_justify="left")
    for heading in ("kind", "day", "bytes", "sha256", "check"):
        table.add_column(heading, justify="right" if heading == "bytes" else "left", overflow="fold")
    for checked in archive:
        manifest = checked.manifest
        check = f"[red]{checked.fault}[/]" if checked.fault else "[green]verified[/]"
        table.add_row(
            manifest.kind, str(manifest.window.day), f"{manifest.size_bytes:,}", f"{manifest.sha256[:12]}…", check
        )
    return table
