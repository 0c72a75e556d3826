"""The corpus as the table of docs/hostile-files.md: python -m tests.support.hostile.table"""

import sys

from tests.support.hostile import CORPUS, HostileFile, Lands
from tests.support.hostile.corpus import Verdict

_COLUMNS = (".xlsx", ".csv", ".zip", "")
"""By extension; the last one is for all others."""


def table() -> str:
    """One row for every trick; what is not tried under a name is left open."""
    rows: dict[str, dict[str, str]] = {}
    for file in CORPUS:
        rows.setdefault(file.trick, {})[_column(file)] = _told(file.verdict)
    lines = [
        "| file | `.xlsx` | `.csv` | `.zip` | any other |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| {trick.replace('-', ' ')} | {' | '.join(row.get(column, '') for column in _COLUMNS)} |"
            for trick, row in rows.items()
        ),
    ]
    return "".join(f"{line}\n" for line in lines)


def _column(file: HostileFile) -> str:
    return file.extension if file.extension in _COLUMNS else ""


def _told(verdict: Verdict) -> str:
    match verdict:
        case Lands(format_):
            return f"lands as `{format_}`"
        case _:
            return "refused"


if __name__ == "__main__":
    sys.stdout.write(table())
