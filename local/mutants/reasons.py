"""Why a mutant may live: for each survivor a reason, kept in reasons.toml."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from local.mutants.mutant import Mutant
from local.mutants.results import ModuleResults

_KEPT = Path(__file__).with_name("reasons.toml")


@dataclass(frozen=True)
class Place:
    """Where a reason holds; what is left empty holds for all.

    Attributes:
        module: as `archive/keys`; may be a pattern.
        function: with its class before it; may be a pattern.
        was: a part of the changed lines before.
        becomes: a part of them after.
    """

    module: str = "*"
    function: str = "*"
    was: str = ""
    becomes: str = ""

    def holds(self, module: str, mutant: Mutant) -> bool:
        """Whether it is that mutant's."""
        return (
            fnmatchcase(module, self.module)
            and fnmatchcase(mutant.function, self.function)
            and self.was in mutant.was
            and self.becomes in mutant.becomes
        )


@dataclass(frozen=True)
class Reasons:
    """All of them, each with its places; the first that holds counts."""

    kept: tuple[tuple[str, tuple[Place, ...]], ...]

    @classmethod
    def load(cls) -> "Reasons":
        """From the file beside this module."""
        document = tomllib.loads(_KEPT.read_text(encoding="utf-8"))
        return cls(
            tuple(
                (reason["why"], tuple(Place(**place) for place in reason["at"]))
                for reason in document.get("reason", [])
            )
        )

    def why(self, module: str, mutant: Mutant) -> str | None:
        """The reason of a survivor, or None."""
        return next((why for why, places in self.kept if any(place.holds(module, mutant) for place in places)), None)

    def unused(self, results: Iterable[ModuleResults]) -> list[str]:
        """Places where nothing survives any more."""
        survivors = [(one.module, mutant) for one in results for mutant in one.survivors]
        return [
            str(place)
            for _, places in self.kept
            for place in places
            if not any(place.holds(module, mutant) for module, mutant in survivors)
        ]
