"""Which call suffers what: as it was scripted, or as the dice fall."""

import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

_Fault = TypeVar("_Fault")


@dataclass
class Dice(Generic[_Fault]):
    """Decides which calls fail at random; not for several threads at once.

    Attributes:
        choices: What a call of that operation may meet, by name; nothing where it is to be spared.
        rate: How many calls fail, of 1.
        seed: Which call meets which throw depends on the order they arrive in.
    """

    choices: Callable[[str], Mapping[str, _Fault]]
    rate: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)  # noqa: S311 - the same dice every time
        self.thrown: Counter[str] = Counter()

    def throw(self, operation: str) -> _Fault | None:
        """What the next call of the operation meets, if anything."""
        if self._rng.random() >= self.rate:
            return None
        choices = self.choices(operation)
        if not choices:
            return None
        name = self._rng.choice(list(choices))
        self.thrown[name] += 1
        return choices[name]


@dataclass
class Script(Generic[_Fault]):
    """The faults still to come, by operation; where none is scripted, the dice decide.

    Attributes:
        operations: What there is to script for.
        check: Raises ValueError for a fault that the operation could never show.
    """

    operations: Collection[str]
    check: Callable[[str, _Fault], None]
    dice: Dice[_Fault]
    _queues: dict[str, deque[_Fault]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, operation: str, *faults: _Fault) -> None:
        """Queue faults; raises ValueError for a fault that the operation could never show."""
        if operation not in self.operations:
            raise ValueError(f"no operation is called {operation!r}; there are {', '.join(self.operations)}")
        for fault in faults:
            self.check(operation, fault)
        with self._lock:
            self._queues.setdefault(operation, deque()).extend(faults)

    def next(self, operation: str) -> _Fault | None:
        """Take the fault for this call, if there is one."""
        with self._lock:
            queue = self._queues.get(operation)
            return queue.popleft() if queue else self.dice.throw(operation)

    def calm(self) -> None:
        """Forget the faults that are still to come; the dice go on."""
        with self._lock:
            self._queues.clear()

    def thrown(self) -> dict[str, int]:
        """Answer how many calls met what at random."""
        with self._lock:
            return dict(self.dice.thrown)

    def pending(self) -> dict[str, int]:
        """Answer how many faults were never answered; a test that means all of them asserts this is empty."""
        with self._lock:
            return {operation: len(queue) for operation, queue in self._queues.items() if queue}
