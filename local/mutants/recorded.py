"""Which tests could notice a fault, as recorded on the product as it is."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

from local.mutants.planting import Mutant
from local.mutants.scope import KEPT, PACKAGE, ROOT

_SUITE = ("tests/unit", "tests/integration")
_LEFT_OUT = (
    "tests/unit/test_artifact.py",
    "tests/unit/test_benchmark_page.py",
    "tests/unit/test_benchmarks.py",
    "tests/unit/test_docs.py",
    "tests/unit/test_growth.py",
    "tests/integration/test_archive_command.py",
    "tests/integration/test_artifact.py",
    "tests/integration/test_crashes.py",
    "tests/integration/test_export_command.py",
    "tests/integration/test_growth.py",
    "tests/integration/test_imports.py",
    "tests/integration/test_official_sdk.py",
    "tests/integration/test_races.py",
)
"""They run the product in processes of their own, which know nothing of a mutant, or are of the tools around it."""

_MOST_SECONDS = 20.0
"""Of tests for one mutant."""

_WATCHED = ("shared", "functions", "local/standin", "tests/unit", "tests/integration", "tests/data")
_RECORD = KEPT / "record.json"


class RecordingFailed(Exception):
    """The tests do not pass on the product as it is."""


class Record:
    """What each test runs, and how long it takes."""

    def __init__(self, document: dict[str, object]) -> None:
        self.tests: list[str] = document["tests"]  # type: ignore[assignment]
        self.seconds: list[float] = document["seconds"]  # type: ignore[assignment]
        self.libraries: list[str] = document["libraries"]  # type: ignore[assignment]
        self._lines: dict[str, dict[str, list[int]]] = document["lines"]  # type: ignore[assignment]

    def tests_for(self, module: str, mutant: Mutant) -> list[int]:
        """Those that run the statement; where none seems to, as for a default, those that run the function."""
        lines = self._lines.get(f"{PACKAGE}/{module}.py", {})
        statement = range(max(mutant.first_line, mutant.body.start), mutant.last_line + 1)
        found = _at(lines, statement) or _at(lines, mutant.body)
        return self._in_order(found)

    def tests_of(self, module: str) -> set[int]:
        """All that run a line of it."""
        return {test for tests in self._lines.get(f"{PACKAGE}/{module}.py", {}).values() for test in tests}

    def _in_order(self, numbers: Iterable[int]) -> list[int]:
        """Fast ones first; on S3 only what no folder does as well."""
        names = {self.tests[number] for number in numbers}
        needed = (number for number in numbers if not _has_twin(self.tests[number], names))
        fastest = sorted(needed, key=lambda number: (self.seconds[number], number))
        until = accumulate(self.seconds[number] for number in fastest)
        return [number for number, seconds in zip(fastest, until, strict=True) if seconds <= _MOST_SECONDS]


def _at(lines: dict[str, list[int]], span: range) -> set[int]:
    return {test for line in span for test in lines.get(str(line), [])}


def _has_twin(test: str, names: set[str]) -> bool:
    """Whether the same test runs on a folder too."""
    return any(
        part in test and test.replace(part, part.replace("s3", "folder")) in names for part in ("[s3", "-s3-", "-s3]")
    )


def record() -> tuple[Record, str]:
    """The record of today's product and tests, made anew where either has changed; and what stands for the tests.

    Raises:
        RecordingFailed: a test did not pass.
    """
    fingerprint = _fingerprint()
    if _RECORD.exists():
        kept = json.loads(_RECORD.read_text())
        if kept.get("fingerprint") == fingerprint:
            return Record(kept), fingerprint
    left_out = [f"--ignore={file}" for file in _LEFT_OUT]
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "local.mutants.recording", *left_out, *_SUITE]
    KEPT.mkdir(parents=True, exist_ok=True)
    if subprocess.run(command, check=False, env=os.environ | {"MUTANTS_RECORD": str(_RECORD)}).returncode:
        raise RecordingFailed("The tests do not pass on the product as it is")
    document = json.loads(_RECORD.read_text()) | {"fingerprint": fingerprint}
    _RECORD.write_text(json.dumps(document))
    return Record(document), fingerprint


def _fingerprint() -> str:
    digest = sha256()
    for folder in _WATCHED:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes())
    for file in sorted(Path(ROOT / "tests").glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]
