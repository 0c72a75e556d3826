"""The results, as people read them."""

from collections.abc import Iterable, Sequence

from local.mutants.reasons import Reasons
from local.mutants.results import ModuleResults, score
from local.mutants.scope import AREAS, modules
from local.mutants.trials import Verdict

_HEADER = """\
# Mutants
"""


def summary(results: Sequence[ModuleResults]) -> str:
    """The table of modules, the areas in between."""
    rows = ["| module | mutants | killed | survived | timeouts | score |", "|---|---:|---:|---:|---:|---:|"]
    for area in AREAS:
        own = [one for one in results if one.module in modules(area)]
        rows += [_row(f"`{one.module}`", [one]) for one in own]
        rows += [_row(f"**{area}**", own)] if len(own) > 1 else []
    return "\n".join([*rows, _row("**all**", results)])


def _row(name: str, results: Iterable[ModuleResults]) -> str:
    own = list(results)
    mutants = sum(len(one.mutants) for one in own)
    counts = [sum(one.count(verdict) for one in own) for verdict in (Verdict.KILLED, Verdict.SURVIVED, Verdict.TIMEOUT)]
    cells = [name, f"{mutants:,}", *(f"{count:,}" for count in counts), f"{score(own):.1%}" if mutants else "-"]
    return f"| {' | '.join(cells)} |"


def page(results: Sequence[ModuleResults], reasons: Reasons) -> str:
    """The whole page."""
    return _HEADER + summary(results) + "\n"
