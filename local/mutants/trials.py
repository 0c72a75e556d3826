"""Tries mutants: each in a process forked from one that has collected the tests and run none of them yet.

A mutated function gets its code in place, so that whoever has imported it runs it too, whatever decorates it.
"""

import importlib
import os
import resource
import signal
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from inspect import getattr_static
from multiprocessing import connection, get_context
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import FunctionType, ModuleType
from typing import NoReturn

import pytest
from hypothesis import Phase, settings

from local.mutants.mutant import Verdict

_FORK = get_context("fork")
_MOST_BYTES = 8 << 30
_SPARE_CPU_SECONDS = 5.0
_SPARE_SECONDS = 30.0
_SLOWER = 8
_TOO_LATE = {-signal.SIGALRM, -signal.SIGPROF}
_NOT_PLANTED = 3
_OPTIONS = (
    "-q",
    "-x",
    "--tb=native",
    "--assert=plain",
    "--capture=sys",
    "--hypothesis-seed=0",
    "-p",
    "no:cacheprovider",
)


@dataclass(frozen=True)
class Trial:
    """One function as the text of its module has it, and the tests to be run on it.

    Attributes:
        key: the asker's.
        module: its name for Python.
        function: with its class before it; nothing for none.
        tests: each with the seconds it takes on the module as it is.
    """

    key: str
    module: str
    function: str
    source: str
    tests: Mapping[str, float]


@dataclass(frozen=True)
class Ended:
    """How a trial ended, after how many seconds, and the test that failed first."""

    trial: Trial
    verdict: Verdict
    seconds: float
    killer: str


class NotPlanted(Exception):
    """The function cannot be given its mutated code."""


Try = Callable[[Iterable[Trial]], Iterator[Ended]]
"""Tries them, and tells of each as it ends."""


def with_tests(files: Iterable[str], workers: int, scratch: Path, use: Callable[[Try], None]) -> None:
    """Collects these files' tests and lends what tries mutants on them."""
    loop = _Loop(workers, scratch, use)
    code = pytest.main([*_OPTIONS, *files], plugins=[loop])
    if loop.failure:
        raise loop.failure
    if code:
        raise RuntimeError(f"pytest could not collect the tests and ended with {code}")


class _Loop:
    """A plugin of pytest: where the tests would be run, they are run once for each mutant."""

    def __init__(self, workers: int, scratch: Path, use: Callable[[Try], None]) -> None:
        self._workers = workers
        self._scratch = scratch
        self._use = use
        self._items: dict[str, pytest.Item] = {}
        self._kills: Counter[tuple[str, str]] = Counter()
        self.failure: BaseException | None = None

    def pytest_sessionstart(self) -> None:
        """A property is over with its first failure; examples are the same for every mutant."""
        phases = [Phase.explicit, Phase.generate]
        settings.register_profile("mutants", deadline=None, derandomize=True, database=None, phases=phases)
        settings.load_profile("mutants")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Runs none of them in this process."""
        self._items = {item.nodeid: item for item in session.items}
        try:
            self._use(self._try_all)
        except BaseException as failure:  # noqa: BLE001 - pytest would take it for its own
            self.failure = failure
        return True

    def _try_all(self, trials: Iterable[Trial]) -> Iterator[Ended]:
        waiting, running = iter(trials), dict[int, _Running]()
        free = list(range(self._workers))
        while True:
            while free and (trial := next(waiting, None)):
                begun = self._begin(trial, free.pop())
                running[begun.process.sentinel] = begun
            if not running:
                return
            soonest = min(one.ends_at for one in running.values())
            ended = connection.wait(list(running), max(0.0, soonest - time.monotonic()))
            late = {sentinel for sentinel, one in running.items() if one.ends_at <= time.monotonic()}.difference(ended)
            for sentinel in [*ended, *late]:
                one = running.pop(int(str(sentinel)))
                free.append(one.slot)
                verdict, killer = one.end(is_late=sentinel in late), self._killer(one.slot)
                self._kills[one.trial.module, killer] += 1
                yield Ended(one.trial, verdict, time.monotonic() - one.began_at, killer)

    def _killer(self, slot: int) -> str:
        note = self._scratch / str(slot) / "killer"
        return note.read_text() if note.exists() else ""

    def _begin(self, trial: Trial, slot: int) -> "_Running":
        (self._scratch / str(slot) / "killer").unlink(missing_ok=True)
        process = _FORK.Process(target=self._child, args=(trial, self._scratch / str(slot)))
        process.start()
        return _Running(trial, process, slot, time.monotonic())

    def _child(self, trial: Trial, folder: Path) -> NoReturn:
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
        folder.mkdir(parents=True, exist_ok=True)
        output = os.open(folder / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        try:
            plant(trial)
        except Exception:  # noqa: BLE001 - of whatever kind, it says nothing of the tests
            traceback.print_exc()
            os._exit(_NOT_PLANTED)
        items = [self._items[test] for test in self._in_order(trial)]
        session = items[0].session
        # Else two mutants would number their folders in one.
        session.config._tmp_path_factory._given_basetemp = folder / "files"  # type: ignore[attr-defined]  # noqa: SLF001
        for item, following in zip(items, [*items[1:], None], strict=True):
            _set_alarms(trial.tests[item.nodeid])
            session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                (folder / "killer").write_text(item.nodeid)
                break
        print(flush=True)
        os._exit(1 if session.testsfailed else 0)

    def _in_order(self, trial: Trial) -> list[str]:
        """Those first that have killed others."""
        return sorted(trial.tests, key=lambda test: -self._kills[trial.module, test])


@dataclass(frozen=True)
class _Running:
    trial: Trial
    process: ForkProcess
    slot: int
    began_at: float

    @property
    def ends_at(self) -> float:
        return self.began_at + _SPARE_SECONDS + _SLOWER * sum(self.trial.tests.values())

    def end(self, *, is_late: bool) -> Verdict:
        if not is_late:
            self.process.join()
        with suppress(ProcessLookupError):
            os.killpg(self.process.ident or 0, signal.SIGKILL)
        self.process.join()
        code = self.process.exitcode
        self.process.close()
        if is_late or code in _TOO_LATE:
            return Verdict.TIMEOUT
        if code == _NOT_PLANTED:
            raise NotPlanted(f"{self.trial.module}: {self.trial.key}")
        return Verdict.SURVIVED if code == 0 else Verdict.KILLED


def _set_alarms(seconds: float) -> None:
    """Ends this process when a test takes far longer than it does without a fault."""
    signal.setitimer(signal.ITIMER_PROF, _SPARE_CPU_SECONDS + _SLOWER * seconds)
    signal.setitimer(signal.ITIMER_REAL, _SPARE_SECONDS + _SLOWER * seconds)


def plant(trial: Trial) -> None:
    """Gives the function the code and the defaults it has in the trial's text."""
    if not trial.function:
        return
    module = importlib.import_module(trial.module)
    mutated = ModuleType(trial.module)
    mutated.__dict__.update({"__file__": module.__file__, "__package__": module.__package__})
    exec(compile(trial.source, str(module.__file__), "exec", dont_inherit=True), mutated.__dict__)  # noqa: S102
    target, donor = _function(module, trial.function), _function(mutated, trial.function)
    target.__code__ = donor.__code__
    if repr(target.__defaults__) != repr(donor.__defaults__):
        target.__defaults__ = donor.__defaults__
    if repr(target.__kwdefaults__) != repr(donor.__kwdefaults__):
        target.__kwdefaults__ = donor.__kwdefaults__


def _function(module: ModuleType, name: str) -> FunctionType:
    """What is below its decorators."""
    found: object = module
    for part in name.split("."):
        found = getattr_static(found, part)
    while not isinstance(found, FunctionType) or hasattr(found, "__wrapped__"):
        found = next(
            getattr(found, below)
            for below in ("__wrapped__", "__func__", "fget", "func", "wrapped")
            if hasattr(found, below)
        )
    return found
