"""What became of each mutant, kept between runs so that a run goes on where the last one stopped."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from local.mutants.planting import Mutant
from local.mutants.trials import Verdict


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
    tests are the same too.
    """

    def __init__(self, folder: Path, module: str, tests: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"{module.replace('/', '.')}.jsonl"
        self._tests = tests

    def recall(self, mutants: Iterable[Mutant]) -> dict[str, Verdict]:
        """What is known of these."""
        known = {}
        lines = self._file.read_text().splitlines() if self._file.exists() else []
        for key, context, verdict, tests in map(json.loads, lines):
            holds = Verdict(verdict) is not Verdict.SURVIVED or tests == self._tests
            known[key, context] = Verdict(verdict) if holds else None
        found = {mutant.key: known.get((mutant.key, mutant.context)) for mutant in mutants}
        return {key: verdict for key, verdict in found.items() if verdict}

    def keep(self, mutant: Mutant, verdict: Verdict) -> None:
        """For the next run."""
        with self._file.open("a") as file:
            file.write(json.dumps([mutant.key, mutant.context, verdict, self._tests]) + "\n")

    def forget(self) -> None:
        """Everything."""
        self._file.unlink(missing_ok=True)
