"""Terminal: both outputs, safe for any text, and whole JSON documents."""

import io
import json
import os
import sys
from collections.abc import Iterable

import typer
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment


class PrintableConsole(Console):
    """Console that shows an unprintable character as a question mark: a foreign name may hold what moves a cursor."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the segments with printable text only."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(_printable(segment.text), segment.style)

    def on_broken_pipe(self) -> None:
        """End the command if its output is closed; go on in silence if only its messages are."""
        if not self.stderr:
            super().on_broken_pipe()
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


def open_console(*, stderr: bool = False) -> Console:
    """Return one of the outputs. A character that its encoding lacks, as in a path, is shown as an escape."""
    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return PrintableConsole(stderr=stderr, emoji=False)  # `:secret:` is a part of an ARN


def print_json(document: object) -> None:
    """Print one JSON document to standard output, in ASCII: no name in it can move a cursor."""
    typer.echo(json.dumps(document, indent=2))


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)
