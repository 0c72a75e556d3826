"""What tasks have said of a thing that counts only once two say the same: no data, or a file of another type."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.model.things import LONGEST_CALL, Thing

LONGEST_APART = timedelta(days=7)


@dataclass(frozen=True)
class Said:
    """One fetch of a task that has said so, or may have."""

    words: str
    task_id: str
    at: datetime


@dataclass
class Statements:
    """Of one thing.

    Attributes:
        log: every fetch that may count, oldest first.
        is_sure: each of them was noted for certain, one after the other.
    """

    log: list[Said] = field(default_factory=list)
    is_sure: bool = True

    def note(self, said: Said, *, is_sure: bool) -> None:
        """Take in a fetch; what is certain to be noted takes the place of other words, or of what is too old."""
        self.is_sure &= is_sure
        if is_sure:
            self.log = [one for one in self.log if one.words == said.words]
        if self.is_sure and self.log and said.at - self.log[-1].at > LONGEST_APART:
            self.is_sure = abs(said.at - self.log[-1].at - LONGEST_APART) > LONGEST_CALL
            self.log = []
        if not self.is_sure or said.task_id not in self._task_ids:
            self.log.append(said)

    def contradict(self, *, is_sure: bool) -> None:
        """Take in a file that has come although there was to be none; it is certain, or may have happened."""
        self.is_sure = is_sure
        self.log = [] if is_sure else self.log

    @property
    def _task_ids(self) -> set[str]:
        return {one.task_id for one in self.log}

    def may_count(self, said: Said) -> bool:
        """Whether another task has said the same, no more than a week between one and the next, as far as is known."""
        at = said.at
        for one in reversed([one for one in self.log if one.words == said.words]):
            if at - one.at > LONGEST_APART + LONGEST_CALL:
                return False
            if one.task_id != said.task_id:
                return True
            at = one.at
        return False

    def must_count(self, said: Said) -> bool:
        """Whether it is certain that another task has."""
        is_recent = bool(self.log) and said.at - self.log[-1].at <= LONGEST_APART - LONGEST_CALL
        is_same = all(one.words == said.words for one in self.log)
        return self.is_sure and is_recent and is_same and bool(self._task_ids - {said.task_id})


def by_thing() -> defaultdict[Thing, Statements]:
    """Statements of every thing, none at first."""
    return defaultdict(Statements)
