"""The coverage-guided fuzzer, one target after the other; started by `make fuzz`.

python -m tests.fuzz [TARGET ...] [--seconds 60]

What makes an oracle raise, takes long or takes much memory is left in `tests/data/fuzz/TARGET/`, and the exit status
is 1. What has led somewhere new is kept in `.build/fuzz/TARGET/`, and the next run goes on from there.
"""

import argparse
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.fuzz.targets import FINDS, TARGETS, Target

_SLOWEST_SECONDS = 10
"""For one input: thousands of times what any takes."""
_MOST_MEMORY_MIB = 1024
_LONGEST_ACCOUNT = 4000
_KEPT = Path(".build/fuzz")
_DONE = re.compile(r"Done (\d+) runs in (\d+) second")
_PROGRESS = re.compile(r"#(\d+)\s+\w+\s+cov: (\d+) ft: (\d+) corp: (\d+)")


class Run(NamedTuple):
    """What came of one target."""

    executions: int
    edges: int
    features: int
    inputs: int
    finds: list[Path]


def fuzz(target: Target, seconds: int) -> Run:
    """Fuzzes for so long, or until something is found."""
    kept, found_in = _KEPT / target.name, FINDS / target.name
    kept.mkdir(parents=True, exist_ok=True)
    found_in.mkdir(parents=True, exist_ok=True)
    before = set(target.finds)
    with _written(target) as seeds:
        command = [
            *(sys.executable, "-m", "tests.fuzz.driver", target.name),
            *(f"-max_total_time={seconds}", f"-timeout={_SLOWEST_SECONDS}", f"-rss_limit_mb={_MOST_MEMORY_MIB}"),
            *(f"-max_len={target.largest_bytes}", f"-artifact_prefix={found_in}/", "-use_value_profile=1"),
            *(str(kept), seeds),
        ]
        # What the functions log of every refusal is of no use here.
        quiet = os.environ | {"LOG_LEVEL": "CRITICAL"}
        run = subprocess.run(command, env=quiet, capture_output=True, text=True, errors="replace", check=False)
    finds = sorted(set(target.finds) - before)
    if run.returncode and not finds:
        raise RuntimeError(f"the fuzzer could not run: {run.stderr[-2000:]}")
    if finds:
        print(run.stdout[-_LONGEST_ACCOUNT:], file=sys.stderr)
    return _read(run.stderr, finds)


@contextmanager
def _written(target: Target) -> Iterator[str]:
    with TemporaryDirectory() as folder:
        known = [*target.seeds(), *(path.read_bytes() for path in target.finds)]
        for content in known:
            Path(folder, hashlib.sha256(content).hexdigest()).write_bytes(content)
        yield folder


def _read(told: str, finds: list[Path]) -> Run:
    """From libFuzzer's own words, the last of which count."""
    progress = [tuple(map(int, match.groups())) for match in _PROGRESS.finditer(told)]
    executions, edges, features, inputs = progress[-1] if progress else (0, 0, 0, 0)
    done = _DONE.search(told)
    return Run(int(done[1]) if done else executions, edges, features, inputs, finds)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz FUZZ=...", description="Fuzzes what reads others' bytes.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; by default all")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    given = parser.parse_args()
    if unknown := set(given.targets) - set(TARGETS):
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    print(f"{'target':<10}{'executions':>12}{'edges':>8}{'features':>10}{'inputs':>8}  finds", flush=True)
    found = False
    for name in given.targets or TARGETS:
        run = fuzz(TARGETS[name], given.seconds)
        found |= bool(run.finds)
        finds = " ".join(str(path) for path in run.finds) or "none"
        print(f"{name:<10}{run.executions:>12,}{run.edges:>8,}{run.features:>10,}{run.inputs:>8,}  {finds}", flush=True)
    return int(found)


if __name__ == "__main__":
    sys.exit(main())
