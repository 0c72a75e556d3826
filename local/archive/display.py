"""How a job looks while it runs: for a person a line each and a moving one below, for a machine JSON lines."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field

from rich.console import Console
from rich.progress import FileSizeColumn, Progress, SpinnerColumn, TextColumn, TransferSpeedColumn
from rich.text import Text

_WIDTH = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to tell.

    Attributes:
        state: how it is.
        key: of what.
        detail: why, if there is a why.
        is_fault: whether somebody should look after it.
        facts: what only a machine is told.
    """

    state: str
    key: str
    detail: str
    is_fault: bool
    facts: Mapping[str, object] = field(default_factory=dict)


class Display(ABC):
    """Shows a job; used as a context around it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (
            SpinnerColumn("line"),
            TextColumn("{task.fields[objects]:,} objects"),
            FileSizeColumn(),
            TransferSpeedColumn(),
        )
        self._progress = Progress(*columns, console=console, transient=True, disable=not self._moves)
        self._task = self._progress.add_task("", total=None, objects=0)
        self._objects = 0

    def watching(self) -> AbstractContextManager[object]:
        """Something moves while the job goes on."""
        return self._progress

    def count(self, size_bytes: int) -> None:
        """One more thing was looked at, and that much of it read."""
        self._objects += 1
        self._progress.update(self._task, advance=size_bytes, objects=self._objects)

    @property
    def _moves(self) -> bool:
        return False

    @abstractmethod
    def show(self, row: Row) -> None:
        """Something to tell."""

    @abstractmethod
    def sum_up(self, counts: Mapping[str, int], verdict: str, *, well: bool) -> None:
        """The end: how many were in each state, and what that comes to."""


class Lines(Display):
    """For a person; the moving line is for a terminal only."""

    @property
    def _moves(self) -> bool:
        return self._console.is_terminal

    def show(self, row: Row) -> None:
        """A line, and the why below it."""
        self._print(Text.assemble((f"{row.state:<{_WIDTH}}", "red" if row.is_fault else "yellow"), row.key))
        if row.detail:
            self._print(Text(f"{'':<{_WIDTH}}{row.detail}", style="dim"))

    def sum_up(self, counts: Mapping[str, int], verdict: str, *, well: bool) -> None:
        """The counts in one line, and the verdict."""
        for state, count in sorted(counts.items()):
            self._print(Text(f"{state:<{_WIDTH}}{count:>9,}"))
        self._print(Text(verdict, style="green" if well else "red"))

    def _print(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)


class JsonLines(Display):
    """For a machine: a document per line, the summary last."""

    def show(self, row: Row) -> None:
        """The row and its facts."""
        document = asdict(row)
        self._print(document | document.pop("facts"))

    def sum_up(self, counts: Mapping[str, int], verdict: str, *, well: bool) -> None:
        """The counts."""
        self._print({"summary": dict(sorted(counts.items())), "verdict": verdict, "well": well})

    def _print(self, document: Mapping[str, object]) -> None:
        text = json.dumps(document, ensure_ascii=False)
        self._console.print(text, markup=False, highlight=False, soft_wrap=True, emoji=False)
