"""Display of a long job over an archive: a line for each finding, and below them a line that moves on a terminal."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import FileSizeColumn, Progress, SpinnerColumn, TextColumn, TransferSpeedColumn
from rich.text import Text

from workspace_exports.commands.terminal import print_json

_WIDTH = 12


@dataclass(frozen=True, slots=True)
class Row:
    """Finding as it is shown.

    Attributes:
        state: the verdict on it.
        key: the key of the object.
        detail: the reason; empty if there is none.
        is_fault: whether an operator has to look into it.
        facts: fields for a machine only.
    """

    state: str
    key: str
    detail: str
    is_fault: bool
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, object]:
        """Row for a machine."""
        return {"state": self.state, "key": self.key, "detail": self.detail, **self.facts}


class FindingsDisplay:
    """Display of one job: lines for a person, or one JSON document at the end."""

    def __init__(self, output: Console, errors: Console, *, as_json: bool) -> None:
        self._output = output
        self._rows: list[Row] | None = [] if as_json else None
        moving = errors if as_json else output
        columns = (
            SpinnerColumn("line"),
            TextColumn("{task.fields[objects]:,} objects"),
            FileSizeColumn(),
            TransferSpeedColumn(),
        )
        self._progress = Progress(*columns, console=moving, transient=True, disable=not moving.is_terminal)
        self._task = self._progress.add_task("", total=None, objects=0)
        self._objects = 0

    def watching(self) -> AbstractContextManager[object]:
        """Return a context in which a line moves on a terminal."""
        return self._progress

    def count(self, size_bytes: int) -> None:
        """Count one object more, and the bytes that were read of it."""
        self._objects += 1
        self._progress.update(self._task, advance=size_bytes, objects=self._objects)

    def show(self, row: Row) -> None:
        """Show a row and below it its reason, or keep the row for the document."""
        if self._rows is not None:
            self._rows.append(row)
            return
        self._print(Text.assemble((f"{row.state:<{_WIDTH}}", "red" if row.is_fault else "yellow"), row.key))
        if row.detail:
            self._print(Text(f"{'':<{_WIDTH}}{row.detail}", style="dim"))

    def sum_up(self, counts: Mapping[str, int], verdict: str, sentence: str, *, well: bool) -> None:
        """Show the end: the number of objects in each state, and the verdict, as a sentence for a person."""
        in_order = dict(sorted(counts.items()))
        if self._rows is not None:
            rows = [row.document for row in self._rows]
            print_json({"counts": in_order, "findings": rows, "verdict": verdict})
            return
        for state, count in in_order.items():
            self._print(Text(f"{state:<{_WIDTH}}{count:>9,}"))
        self._print(Text(sentence, style="green" if well else "red"))

    def _print(self, text: Text) -> None:
        self._output.print(text, soft_wrap=True)
