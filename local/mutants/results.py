"""What became of each mutant, kept between runs so that a run goes on where the last one stopped."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from local.mutants.mutant import Mutant, Verdict


@dataclass
class ModuleResults:
    """The verdicts on one module's mutants.

    Attributes:
        module: its path below the product's package.
        mutants: all of today's.
    """

    module: str
    mutants: list[Mutant]
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def outstanding(self) -> list[Mutant]:
        """Those that nothing is known of."""
        return [mutant for mutant in self.mutants if mutant.key not in self.verdicts]

    def count(self, verdict: Verdict) -> int:
        """How many have it."""
        return sum(1 for found in self.verdicts.values() if found is verdict)

    @property
    def survivors(self) -> list[Mutant]:
        """In the order of the lines."""
        return [mutant for mutant in self.mutants if self.verdicts.get(mutant.key) is Verdict.SURVIVED]

    @property
    def detected(self) -> int:
        """Killed, or hung where the module does not."""
        return self.count(Verdict.KILLED) + self.count(Verdict.TIMEOUT)


def score(results: Iterable[ModuleResults]) -> float:
    """Which part of all their mutants the tests notice; 1 where there are none."""
    counted = [(one.detected, len(one.mutants)) for one in results]
    total = sum(mutants for _, mutants in counted)
    return sum(detected for detected, _ in counted) / total if total else 1.0


class Memory:
    """The verdicts of one module, in a file that grows by a line with each.

    A kill holds while the function and what stands around the functions are the same; a survival only while the
    tests that let it pass are the same too.
    """

    def __init__(self, folder: Path, module: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"{module.replace('/', '.')}.jsonl"

    def recall(self, mutants: Iterable[Mutant], tests: Callable[[Mutant], str]) -> dict[str, Verdict]:
        """What is known of these.

        Args:
            mutants: all of a module's.
            tests: tells what stands for the state of a mutant's tests.
        """
        lines = self._file.read_text().splitlines() if self._file.exists() else []
        known = {(key, context): (Verdict(verdict), state) for key, context, verdict, state in map(json.loads, lines)}
        found = {mutant.key: (mutant, known.get((mutant.key, mutant.context))) for mutant in mutants}
        return {
            key: held[0]
            for key, (mutant, held) in found.items()
            if held and (held[0] is not Verdict.SURVIVED or held[1] == tests(mutant))
        }

    def keep(self, mutant: Mutant, verdict: Verdict, tests: str) -> None:
        """For the next run."""
        with self._file.open("a") as file:
            file.write(json.dumps([mutant.key, mutant.context, verdict, tests]) + "\n")

    def forget(self) -> None:
        """Everything."""
        self._file.unlink(missing_ok=True)
