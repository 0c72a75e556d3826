"""The results, as people read them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from local.mutants.mutant import Mutant, Verdict
from local.mutants.reasons import Reasons
from local.mutants.results import ModuleResults, score
from local.mutants.scope import AREAS, LEAST_SCORE, MOST_SECONDS, modules

_HEADER = """\
# Mutants

Whether the tests would notice a fault. [mutmut](https://mutmut.readthedocs.io) plants small ones in the client, the
retries, the planner and the archive, one at a time: a comparison turned round, an argument left out or None, a text or
a number changed, a branch forced. The tests that run the statement are run on each. A mutant is *killed* when one of
them fails and *times out* when it takes far longer than it does without the fault; both count as noticed. At least
{least:.0%} are to be, overall and in each area, and every survivor has a reason.

This page is written by `make mutants`, which exits with 1 if that does not hold. What is known is kept in
`.build/mutants`, so that only what has changed is tried again; `make mutants MUTANTS=planning` (or `retry`, `client`,
`archive`, or a module: `archive/keys`) is for a part, and leaves this page alone.

- Mutated is what is in functions and methods, decorated ones included. Left as they are: what runs at import
  (constants, fields, decorators), annotations, docstrings, and log lines: what they say is for people, and that no log
  holds a secret is looked at in every test.
- A mutant is tried on the unit and integration tests that run its statement in their own process: the fast ones that
  run little else first, up to {seconds:.0f} seconds in all, and on S3 only those that do not run on a folder too, but
  for the modules that are about S3. Tests that start or crash processes know nothing of a mutant and are left out.
- The faults are planted by mutmut's own operators; its runner is not used. It leaves out whatever has a decorator,
  properties and context managers among it. Here each mutant has a process of its own, forked from one that has
  collected the tests and run none, in which the function gets its faulty code. A test that kills is made sure of: it
  passes in the same way without a fault.

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
    header = _HEADER.format(least=LEAST_SCORE, seconds=MOST_SECONDS)
    return "\n".join([header + summary(results), "", "## Survivors", *_survivors(results, reasons), ""])


def _survivors(results: Iterable[ModuleResults], reasons: Reasons) -> Iterator[str]:
    """By reason, those with the most first; within it by module, function and line."""
    grouped: dict[str, list[tuple[str, Mutant]]] = defaultdict(list)
    for one in results:
        for mutant in one.survivors:
            grouped[reasons.why(one.module, mutant) or "Without a reason."].append((one.module, mutant))
    for why, survivors in sorted(grouped.items(), key=lambda group: (-len(group[1]), group[0])):
        yield f"\n### {len(survivors)}: {why}\n"
        yield from (f"- `{module}` {mutant.function}: {_code(mutant.diff)}" for module, mutant in survivors)


def _code(text: str) -> str:
    """As code, whatever backticks it holds."""
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"
