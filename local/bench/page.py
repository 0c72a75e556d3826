"""docs/benchmarks.md, written from what was kept."""

from collections.abc import Iterator, Mapping, Sequence

from local.bench.results import Circumstances, Goal, Record

_INTRODUCTION = """\
# Benchmarks

Written by `make bench` from `docs/benchmarks.json`, which holds the same for programs. Figures of one machine say
little about another one, or of the same at another hour: what counts are ratios, medians of those of single rounds in
which all take turns. `make bench BENCH=imports` measures one section again, `make bench BENCH=--help` lists them.
"""


def page(records: Mapping[str, Record]) -> str:
    """All of it, in Markdown."""
    return "\n".join([_INTRODUCTION, _goals(records), *(_section(record) for record in records.values())])


def _goals(records: Mapping[str, Record]) -> str:
    rows = [
        (record.section.title, goal.what, goal.bound, f"{goal.seen:.3g}", "yes" if goal.is_reached else "**no**")
        for record in records.values()
        for goal in record.section.goals
    ]
    return "## Goals\n\n" + _table(("benchmark", "goal", "bound", "seen", "reached"), rows)


def _section(record: Record) -> str:
    section = record.section
    parts = [
        f"## {section.title}\n",
        f"{section.text.strip()}\n",
        _table(section.columns, section.rows),
        "".join(f"- {_said(goal)}\n" for goal in section.goals),
        "".join(f"- {note}\n" for note in section.notes),
        _circumstances(record.circumstances),
    ]
    return "\n".join(part for part in parts if part)


def _said(goal: Goal) -> str:
    return f"{goal.what}: **{goal.seen:.3g}**, {goal.bound} {'reached' if goal.is_reached else '**missed**'}."


def _circumstances(how: Circumstances) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in how.versions.items())
    rounds = f", up to {how.rounds} rounds" if how.rounds > 1 else ""
    return f"`{how.command}` on {how.day}{rounds}; {how.machine}; {versions}.\n"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    return "".join(f"{line}\n" for line in _lines(head, rows))


def _lines(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    for cells in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(cells)} |"
