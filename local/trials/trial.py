"""One fault that befalls one operation, and what was seen of it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Side = Literal["vendor", "storage"]
How = Literal["once", "always"]

_LANDED = frozenset({"landed", "already-landed"})


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Trial(_Value):
    """What is tried.

    Attributes:
        side: who misbehaves.
        operation: by the name it has in the stand-in or the storage.
        fault: by its name in the catalogue of that side.
        how: to the next call alone, or to every call until the export has ended.
        stage: the name of the deployment it is tried on.
    """

    side: Side
    operation: str
    fault: str
    how: How
    stage: str

    def __str__(self) -> str:
        """`vendor list throttled always`."""
        return f"{self.side} {self.operation} {self.fault} {self.how}"


class Counts(_Value):
    """What there is of the export's project.

    Attributes:
        tasks: made at the vendor so far, deleted ones too.
        objects: of data in the archive.
        manifests: in the archive.
    """

    tasks: int
    objects: int
    manifests: int


class Finding(_Value):
    """What a trial came to.

    Attributes:
        outcome: of the export while the fault was there: how it is in the archive, or the class of the error.
        attempts: calls of the operation until then.
        counts: by then.
        next_outcome: of the next run, the fault being over.
        next_counts: after it.
        problems: what is lost or doubled; none in a sound archive.
    """

    trial: Trial
    outcome: str
    attempts: int
    counts: Counts
    next_outcome: str
    next_counts: Counts
    problems: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether the window is in the archive exactly once, as the vendor had it."""
        return not self.problems and self.next_outcome in _LANDED
