"""What a benchmark found, and the record of it that is committed."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Goal(_Value):
    """One thing to reach. Ratios of one run hold on any machine; bare figures hold only where they are counts."""

    what: str
    seen: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_reached(self) -> bool:
        """Whether what was seen is within the bound."""
        return (self.at_most is None or self.seen <= self.at_most) and (
            self.at_least is None or self.seen >= self.at_least
        )

    @property
    def bound(self) -> str:
        """In words."""
        return f"at least {self.at_least:g}" if self.at_least is not None else f"at most {self.at_most:g}"


class Section(_Value):
    """One benchmark's findings.

    Attributes:
        title: The heading.
        text: What was done, in Markdown.
        columns: The table's head.
        rows: The table.
        notes: What the figures do not say.
    """

    title: str
    text: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    goals: tuple[Goal, ...] = ()
    notes: tuple[str, ...] = ()


class Circumstances(_Value):
    """When, how and on what a section was measured."""

    day: date
    command: str
    rounds: int
    machine: str
    versions: dict[str, str]


class Record(_Value):
    """What is kept of a run."""

    circumstances: Circumstances
    section: Section


_RECORDS = TypeAdapter(dict[str, Record])


def load(file: Path) -> dict[str, Record]:
    """What was kept, by benchmark; nothing where there is no file."""
    return _RECORDS.validate_json(file.read_bytes()) if file.exists() else {}


def save(file: Path, records: Mapping[str, Record], order: Iterable[str]) -> None:
    """Keep it, in the order of the page."""
    kept = {name: records[name] for name in order if name in records}
    file.write_bytes(_RECORDS.dump_json(kept, indent=2) + b"\n")
