"""The terminal, as every command here uses it."""

import io
import sys
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment


class _PrintableConsole(Console):
    """Shows what cannot be printed as a question mark: a name or the vendor's words may hold what moves a terminal."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(_printable(segment.text), segment.style)


def open_console(*, stderr: bool = False) -> Console:
    """One of the outputs; what its encoding lacks, as in a path or the vendor's words, is spelt out, not fatal."""
    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return _PrintableConsole(stderr=stderr, emoji=False)  # `:secret:` is a part of an ARN


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() or char == "\n" else "?" for char in text)
