"""Which tests could notice a fault, as recorded on the product as it is."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from local.mutants.mutant import Mutant
from local.mutants.scope import KEPT, MOST_SECONDS, path_of

_SUITE = ("tests/unit", "tests/integration")
_LEFT_OUT = (
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

_OF_STORAGE = {"archive/options", "archive/refusals", "archive/s3", "archive/store"}
"""Not the same on a folder and on S3."""

_PRODUCT = ("shared", "functions")
_COMMON = ("local/standin", "tests/data", "tests/*.py", "tests/*/conftest.py")
"""Whatever changes among these may change what any test does."""

_START_SECONDS = 0.01
"""What any test costs."""

_RECORD = KEPT / "record.json"


class RecordingFailed(Exception):
    """The tests do not pass on the product as it is."""


@dataclass
class Record:
    """What each test runs, and how long it takes.

    Attributes:
        seconds: of each test.
        lines: by file of the product and line, the tests that run it.
        digests: of all files that this depends on, as they were.
    """

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)

    def tests_for(self, module: str, mutant: Mutant) -> dict[str, float]:
        """Those that run the statement; where none seems to, as for a default, those that run the function."""
        lines = self.lines.get(str(path_of(module)), {})
        statement = range(max(mutant.first_line, mutant.body.start), mutant.last_line + 1)
        found = _at(lines, statement) or _at(lines, mutant.body)
        return self._closest(found if module in _OF_STORAGE else {test for test in found if not _has_twin(test, found)})

    def tests_of(self, module: str) -> set[str]:
        """All that run a line of it."""
        return {test for tests in self.lines.get(str(path_of(module)), {}).values() for test in tests}

    def state_of(self, tests: Iterable[str]) -> str:
        """The same while these tests are the same."""
        files = {file_of(test) for test in tests}
        text = json.dumps([sorted(tests), [(file, self.digests.get(file)) for file in sorted(files)]])
        return sha256(text.encode()).hexdigest()[:12]

    def _closest(self, tests: set[str]) -> dict[str, float]:
        """Fast ones that run little else, as many as there is time for."""
        found, left = {}, MOST_SECONDS
        for _, test in sorted((self._breadth[test] * (self.seconds[test] + _START_SECONDS), test) for test in tests):
            if self.seconds[test] <= left:
                found[test] = self.seconds[test]
                left -= self.seconds[test]
        return found

    @cached_property
    def _breadth(self) -> Counter[str]:
        """How many lines of the product each test runs."""
        return Counter(test for lines in self.lines.values() for tests in lines.values() for test in tests)


def file_of(test: str) -> str:
    """Where a test is."""
    return test.partition("::")[0]


def _at(lines: dict[str, list[str]], span: range) -> set[str]:
    return {test for line in span for test in lines.get(str(line), [])}


def _has_twin(test: str, names: set[str]) -> bool:
    """Whether the same test runs on a folder too."""
    return any(
        part in test and test.replace(part, part.replace("s3", "folder")) in names for part in ("[s3", "-s3-", "-s3]")
    )


def record() -> Record:
    """The record of today's product and tests: what has changed since the last one is run again, and nothing else.

    Raises:
        RecordingFailed: a test did not pass.
    """
    kept = Record(**json.loads(_RECORD.read_text())) if _RECORD.exists() else Record()
    now = _digests()
    stale = _stale(kept, now)
    if stale:
        KEPT.mkdir(parents=True, exist_ok=True)
        target = KEPT / "latest.json"
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "local.mutants.recording", *sorted(stale)]
        if subprocess.run(command, check=False, env=os.environ | {"MUTANTS_RECORD": str(target)}).returncode:
            raise RecordingFailed("The tests do not pass on the product as it is")
        _merge(kept, stale, **json.loads(target.read_text()))
    kept.digests = now
    _RECORD.write_text(json.dumps(asdict(kept)))
    return kept


def _merge(kept: Record, stale: set[str], seconds: dict[str, float], lines: dict[str, dict[str, list[str]]]) -> None:
    gone = {file_of(test) for test in kept.seconds} - _suite()
    kept.seconds = {test: took for test, took in kept.seconds.items() if file_of(test) not in stale | gone} | seconds
    for file in {*kept.lines, *lines}:
        before, after = kept.lines.get(file, {}), lines.get(file, {})
        kept.lines[file] = {
            line: sorted({test for test in before.get(line, []) if file_of(test) not in stale | gone})
            + sorted(after.get(line, []))
            for line in {**before, **after}
        }


def _stale(kept: Record, now: dict[str, str]) -> set[str]:
    """The test files that have changed or run what has."""
    changed = {file for file in {*kept.digests, *now} if kept.digests.get(file) != now.get(file)}
    suite = _suite()
    if any(not file.startswith(_PRODUCT) and file not in suite for file in changed & set(now)):
        return suite
    runners = {file_of(test) for file in changed for tests in kept.lines.get(file, {}).values() for test in tests}
    return (changed | runners) & suite


def _suite() -> set[str]:
    files = {str(file) for folder in _SUITE for file in Path(folder).glob("test_*.py")}
    return files - set(_LEFT_OUT)


def _digests() -> dict[str, str]:
    files = {Path(file) for file in _suite()}
    for pattern in (*(f"{folder}/**/*" for folder in (*_PRODUCT, *_COMMON[:2])), *_COMMON[2:]):
        files |= {file for file in Path().glob(pattern) if file.is_file() and file.suffix != ".pyc"}
    return {str(file): sha256(file.read_bytes()).hexdigest()[:12] for file in sorted(files)}
