"""What a process costs: its time, its processor time, its memory."""

import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

MIB = 1024 * 1024

_LAST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Measure:
    """One process, from its start to its end.

    Attributes:
        cpu_seconds: In user and system mode, of all its threads and the processes it waited for.
        peak_bytes: The most memory it ever had resident, as it said itself; 0 if it said nothing.
        told: What else it said.
        errors: Its standard error.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int = 0
    told: Mapping[str, Any] = field(default_factory=dict)
    errors: str = field(default="", repr=False)


Case = Callable[[], Measure]


def measured(command: Sequence[str | Path], environment: Mapping[str, str], stdin: str = "") -> Measure:
    """Run a command; the last line of its output may be a JSON object, its `peak_bytes` included.

    Raises:
        RuntimeError: It failed; the message has what it said.
    """
    with (
        tempfile.TemporaryFile("w+") as given,
        tempfile.TemporaryFile("w+") as output,
        tempfile.TemporaryFile("w+") as errors,
    ):
        given.write(stdin)
        given.seek(0)
        began = time.perf_counter()
        process = subprocess.Popen(command, env=environment, stdin=given, stdout=output, stderr=errors)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            process.wait()
            raise
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        told, said = _last_object(output.read()), errors.read()
    if process.returncode:
        raise RuntimeError(f"{Path(command[0]).name} ended with {process.returncode}: {said[-_LAST_WORDS:]}")
    return Measure(wall, usage.ru_utime + usage.ru_stime, told.pop("peak_bytes", 0), told, said)


def _last_object(text: str) -> dict[str, Any]:
    lines = text.splitlines()
    last = lines[-1] if lines else ""
    told: dict[str, Any] = json.loads(last) if last.startswith("{") else {}
    return told


def interleaved(cases: Mapping[str, Case], rounds: int) -> dict[str, list[Measure]]:
    """Each case once to warm up, then all of them again and again, each round beginning with another one."""
    for case in cases.values():
        case()
    taken: dict[str, list[Measure]] = {name: [] for name in cases}
    names = list(cases)
    for number in range(rounds):
        first = number % len(names)
        for name in (*islice(names, first, None), *islice(names, first)):
            taken[name].append(cases[name]())
    return taken


def median(measures: Sequence[Measure], of: Callable[[Measure], float]) -> float:
    """The median of one figure."""
    return statistics.median(map(of, measures))


def ratio(ours: Sequence[Measure], theirs: Sequence[Measure], of: Callable[[Measure], float]) -> float:
    """The median of the rounds' ratios: what a machine does for a while, it does to both sides of a round."""
    return statistics.median(of(one) / of(other) for one, other in zip(ours, theirs, strict=True))
