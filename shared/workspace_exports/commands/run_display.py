"""Display of a run while it goes on: a bar on a terminal, a line for each export elsewhere."""

from collections import Counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from workspace_exports.commands.archive_workflow import ExportedDay
from workspace_exports.coverage.plans import PlannedRun

_FAILED = "failed"


class RunDisplay:
    """Display of one run; used as a context around it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (BarColumn(24), MofNCompleteColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._progress.add_task("planning", total=None)
        self._outcomes: Counter[str] = Counter()

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._progress.stop()

    def planned(self, run: PlannedRun) -> None:
        """Show the size of the plan."""
        self._progress.update(self._task, total=run.planned, description="exporting")
        later = f", {run.postponed:,} left to the next run" if run.postponed else ""
        self._print(Text(f"Run {run.run}: {run.planned:,} exports planned{later}"))

    def ended(self, day: ExportedDay) -> None:
        """Show the end of one export: every one in plain lines, only a failure on a terminal."""
        archived, export = day.end.archived, day.planned.export
        outcome = archived.archived.outcome.value if archived else _FAILED
        self._outcomes[outcome] += 1
        counts = ", ".join(f"{count:,} {name}" for name, count in sorted(self._outcomes.items()))
        self._progress.update(self._task, advance=1, description=counts)
        if archived is None:
            what = day.end.text.partition("\n")[0]
            self._print(
                Text.assemble((f"{outcome:<15}", "red"), f"{export.kind} {export.day} of {export.project_id}: "),
                Text(f"{'':<15}{day.end.error}: {what}", style="dim"),
            )
        elif not self._console.is_terminal:
            size = f"{archived.archived.size_bytes:,} bytes"
            self._print(Text(f"{outcome:<15}{export.kind} {export.day} of {export.project_id}, {size}"))

    def reporting(self) -> None:
        """Show that the report is being made."""
        self._progress.update(self._task, description="reporting")

    def _print(self, *lines: Text) -> None:
        for line in lines:
            self._progress.console.print(line, soft_wrap=True)
