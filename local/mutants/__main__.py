"""`make mutants`: plants small faults in the product's core and sees whether the tests notice; writes docs/mutants.md.

What is known is kept in .build/mutants: a run goes on where the last one stopped, and only what has changed is tried
again. MUTANTS=... chooses areas or modules (make mutants MUTANTS=planning); the page is written by a whole run only.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from local.mutants.page import page, summary
from local.mutants.planting import mutants_of
from local.mutants.reasons import Reasons
from local.mutants.recorded import Record, RecordingFailed, record
from local.mutants.results import Memory, ModuleResults, score
from local.mutants.scope import AREAS, KEPT, LEAST_SCORE, PAGE, ROOT, chosen, modules, name_of, path_of
from local.mutants.trials import Trial, Try, Verdict, with_tests

_BROKEN = 3


class NotProven(Exception):
    """Tests that fail without a fault prove nothing with one."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Try, show, judge; 1 where too little is noticed or a survivor has no reason."""
    options = _options(arguments)
    os.chdir(ROOT)
    try:
        recorded, tests = record()
        results = [_recall(module, tests, options) for module in options.modules]
        _try(results, recorded, tests, options)
    except (RecordingFailed, NotProven) as error:
        print(error, file=sys.stderr)
        return _BROKEN
    reasons = Reasons.load()
    print(summary(results))
    is_whole = options.modules == chosen([])
    if is_whole:
        PAGE.write_text(page(results, reasons), encoding="utf-8")
    faults = list(_faults(results, reasons, is_whole=is_whole))
    print(*faults, sep="\n")
    return 1 if faults else 0


def _recall(module: str, tests: str, options: argparse.Namespace) -> ModuleResults:
    mutants = mutants_of(path_of(module))
    memory = Memory(KEPT / "verdicts", module, tests)
    if options.afresh:
        memory.forget()
    return ModuleResults(module, mutants, memory.recall(mutants))


def _try(results: Sequence[ModuleResults], recorded: Record, tests: str, options: argparse.Namespace) -> None:
    """All that nothing is known of."""
    outstanding = [one for one in results if one.outstanding()]
    if not outstanding:
        return
    every = sorted({number for one in outstanding for number in recorded.tests_of(one.module)})
    files = sorted({recorded.tests[number].partition("::")[0] for number in every})

    def use(attempt: Try) -> None:
        _make_sure(every, attempt, recorded, tests, options.workers)
        for one in outstanding:
            _try_module(one, attempt, recorded, Memory(KEPT / "verdicts", one.module, tests), options)

    scratch = Path(tempfile.mkdtemp(prefix="mutants-"))
    try:
        with_tests(files, options.workers, scratch, use)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _try_module(
    results: ModuleResults, attempt: Try, recorded: Record, memory: Memory, options: argparse.Namespace
) -> None:
    outstanding = {mutant.key: mutant for mutant in results.outstanding()}
    trials = []
    for key, mutant in outstanding.items():
        numbers = recorded.tests_for(results.module, mutant)
        if numbers:
            trials.append(_trial(key, results.module, mutant.function, mutant.source, numbers, recorded))
        else:
            results.verdicts[key] = Verdict.SURVIVED
    for trial, verdict, seconds in attempt(trials):
        memory.keep(outstanding[trial.key], verdict)
        results.verdicts[trial.key] = verdict
        if options.verbose or verdict is not Verdict.KILLED:
            print(f"\r{verdict} in {seconds:.1f} s, {len(trial.tests)} tests: {trial.key}", file=sys.stderr)
        done = f"{len(results.verdicts)} of {len(results.mutants)}"
        print(f"\r{results.module}: {done}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _trial(key: str, module: str, function: str, source: str, numbers: Sequence[int], recorded: Record) -> Trial:
    seconds = sum(recorded.seconds[number] for number in numbers)
    return Trial(key, name_of(module), function, source, [recorded.tests[number] for number in numbers], seconds)


def _make_sure(every: Sequence[int], attempt: Try, recorded: Record, tests: str, workers: int) -> None:
    """That the same tests pass in the same way without a fault: once for each state of product and tests.

    Raises:
        NotProven: they do not.
    """
    kept = KEPT / "proven.json"
    known = set(json.loads(kept.read_text()).get(tests, []) if kept.exists() else [])
    wanted = [number for number in every if recorded.tests[number] not in known]
    parts = [wanted[place::workers] for place in range(workers)]
    for trial, verdict, _ in attempt([_trial("no fault", "", "", "", part, recorded) for part in parts if part]):
        if verdict is not Verdict.SURVIVED:
            raise NotProven(f"Of {len(trial.tests)} tests some do not pass without a fault: {verdict}")
    kept.write_text(json.dumps({tests: sorted(known | {recorded.tests[number] for number in every})}))


def _faults(results: Sequence[ModuleResults], reasons: Reasons, *, is_whole: bool) -> Iterator[str]:
    """What keeps the run from being a success."""
    for area in AREAS:
        own = [one for one in results if one.module in modules(area)]
        if score(own) < LEAST_SCORE:
            yield f"{area}: {score(own):.1%} of the mutants are noticed, {LEAST_SCORE:.0%} are asked for"
    for one in results:
        for mutant in one.survivors:
            if not reasons.why(one.module, mutant):
                yield f"no reason for the survivor {one.module}: {mutant.key}"
    if is_whole:
        yield from (f"a reason for no survivor: {reason}" for reason in reasons.unused(results))


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
    parser.add_argument("--verbose", action="store_true", help="tell of every mutant as it ends")
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
