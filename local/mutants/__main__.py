"""`make mutants`: plants small faults in the product's core and sees whether the tests notice; writes docs/mutants.md.

What is known is kept in .build/mutants: a run goes on where the last one stopped, and only what has changed is tried
again. MUTANTS=... chooses areas or modules (make mutants MUTANTS=planning); the page is written by a whole run only.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from local.mutants.mutant import Verdict
from local.mutants.page import page, summary
from local.mutants.planting import mutants_of
from local.mutants.reasons import Reasons
from local.mutants.recorded import Record, RecordingFailed, file_of, record
from local.mutants.results import Memory, ModuleResults, score
from local.mutants.scope import AREAS, KEPT, LEAST_SCORE, PAGE, ROOT, chosen, modules, name_of, path_of
from local.mutants.trials import Trial, Try, with_tests

_BROKEN = 3


class NotProven(Exception):
    """Tests that fail without a fault prove nothing with one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Try, show, judge; 1 where too little is noticed or a survivor has no reason."""
    options = _options(arguments)
    os.chdir(ROOT)
    try:
        recorded = record()
        results = [_recall(module, recorded, options) for module in options.modules]
        _try(results, recorded, options.workers)
    except (RecordingFailed, NotProven) as error:
        print(error, file=sys.stderr)
        return _BROKEN
    reasons = Reasons.load()
    print(summary(results))
    is_whole = options.modules == chosen([])
    if is_whole:
        PAGE.write_text(page(results, reasons), encoding="utf-8")
        print(*(f"A reason for no survivor: {place}" for place in reasons.unused(results)), sep="\n")
    faults = list(_faults(results, reasons))
    print(*faults, sep="\n")
    return 1 if faults else 0


def _recall(module: str, recorded: Record, options: argparse.Namespace) -> ModuleResults:
    mutants = mutants_of(path_of(module))
    memory = _memory(module)
    if options.afresh:
        memory.forget()
    known = memory.recall(mutants, lambda mutant: recorded.state_of(recorded.tests_for(module, mutant)))
    return ModuleResults(module, mutants, known)


def _memory(module: str) -> Memory:
    return Memory(KEPT / "verdicts", module)


def _try(results: Sequence[ModuleResults], recorded: Record, workers: int) -> None:
    """All that nothing is known of."""
    outstanding = [one for one in results if one.outstanding()]
    if not outstanding:
        return
    tests = {test for one in outstanding for test in recorded.tests_of(one.module)}

    def use(attempt: Try) -> None:
        for one in outstanding:
            _try_module(one, attempt, recorded, workers)

    scratch = Path(tempfile.mkdtemp(prefix="mutants-"))
    try:
        with_tests(sorted({file_of(test) for test in tests}), workers, scratch, use)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _try_module(results: ModuleResults, attempt: Try, recorded: Record, workers: int) -> None:
    outstanding = {mutant.key: mutant for mutant in results.outstanding()}
    memory, name, trials, killers = _memory(results.module), name_of(results.module), [], set()
    for key, mutant in outstanding.items():
        if tests := recorded.tests_for(results.module, mutant):
            trials.append(Trial(key, name, mutant.function, mutant.source, tests))
        else:
            results.verdicts[key] = Verdict.SURVIVED
    for ended in attempt(trials):
        key = ended.trial.key
        memory.keep(outstanding[key], ended.verdict, recorded.state_of(ended.trial.tests))
        results.verdicts[key] = ended.verdict
        killers.add(ended.killer)
        if ended.verdict is not Verdict.KILLED:
            print(f"\r{ended.verdict} in {ended.seconds:.1f} s, {len(ended.trial.tests)} tests: {key}", file=sys.stderr)
        done = f"{len(results.verdicts)} of {len(results.mutants)}"
        print(f"\r{results.module}: {done}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    _make_sure(killers - {""}, attempt, recorded, workers)


def _make_sure(killers: set[str], attempt: Try, recorded: Record, workers: int) -> None:
    """That these tests pass in the same way without a fault.

    Raises:
        NotProven: they do not.
    """
    ordered = sorted(killers)
    parts = [{test: recorded.seconds[test] for test in ordered[place::workers]} for place in range(workers)]
    for ended in attempt([Trial("no fault", "", "", "", part) for part in parts if part]):
        if ended.verdict is not Verdict.SURVIVED:
            raise NotProven(f"{ended.killer} fails without a fault too: try again with --afresh")


def _faults(results: Sequence[ModuleResults], reasons: Reasons) -> Iterator[str]:
    """What keeps the run from being a success."""
    for area in AREAS:
        own = [one for one in results if one.module in modules(area)]
        if score(own) < LEAST_SCORE:
            yield f"{area}: {score(own):.1%} of the mutants are noticed, {LEAST_SCORE:.0%} are asked for"
    for one in results:
        for mutant in one.survivors:
            if not reasons.why(one.module, mutant):
                yield f"no reason for the survivor {one.module}: {mutant.key}"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.mutants",
        description=__doc__,
        epilog="Exits with 0 if enough is noticed and every survivor has a reason, 1 if not, 2 for wrong arguments, "
        "3 if the tests do not pass on the product as it is.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(AREAS)}, or a module: archive/keys")
    parser.add_argument("--workers", type=int, default=2, help="mutants at a time; 2 by default")
    parser.add_argument("--afresh", action="store_true", help="forget what is known of these modules")
    options = parser.parse_args(arguments)
    try:
        options.modules = chosen(options.names)
    except KeyError as error:
        parser.error(f"there is no area or module {error}")
    return options


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("Interrupted; what is known is kept. Go on with: make mutants")
