"""Pieces of a page: a table, and the part between two marks."""

from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[2]


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return the rows as a table."""
    lines = (head, ("---",) * len(head), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def filled(page: Path, name: str, text: str) -> str:
    """Return the page with `text` between the marks of `name`; the rest is written by hand and stays."""
    start, end = f"<!-- {name}, by make docs -->\n", f"<!-- end of {name} -->\n"
    before, found, rest = page.read_text(encoding="utf-8").partition(start)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ValueError(f"{page.name}: the marks of {name} are missing")
    return f"{before}{start}{text}{end}{after}"
