"""A module of the product with one fault in it."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True)
class Mutant:
    """A module with one fault.

    Attributes:
        function: where the fault is, its class before it.
        first_line, last_line: the statement with the fault, numbered as in the module.
        body: the lines of that function.
        context: what stands for its text and for that around all functions.
        was, becomes: the changed lines before and after, each on one line.
        source: of the whole module with the fault in it.
    """

    function: str
    first_line: int
    last_line: int
    body: range
    context: str
    was: str
    becomes: str
    source: str
    repetition: int = 0

    @property
    def key(self) -> str:
        """The same for the same fault, wherever in the module it has moved to."""
        return f"{self.function} | {self.diff}" + (f" | {self.repetition}" if self.repetition else "")

    @property
    def diff(self) -> str:
        """In one line."""
        return f"{self.was}  →  {self.becomes}"


class Verdict(StrEnum):
    """What the tests said of a mutant."""

    KILLED = "killed"
    SURVIVED = "survived"
    TIMEOUT = "timeout"
