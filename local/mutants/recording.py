"""Which tests run which lines: recorded once, with the product as it is.

Run as a plugin of pytest (`-p local.mutants.recording`); writes to the file named by MUTANTS_RECORD.
"""

import json
import os
from collections import defaultdict
from collections.abc import Generator
from pathlib import Path

import coverage
import pytest

PRODUCT = "shared/workspace_exports"


class Recorder:
    """One run of tests, each a context of its own for coverage."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._coverage = coverage.Coverage(data_file=None, config_file=False, include=[f"{PRODUCT}/*"])
        self._coverage.set_option("run:disable_warnings", ["no-data-collected"])
        self._seconds: dict[str, float] = defaultdict(float)

    def pytest_sessionstart(self) -> None:
        """Before any test module is imported."""
        self._coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """What a test runs, its fixtures included, is its own."""
        self._coverage.switch_context(item.nodeid)
        outcome = yield
        self._coverage.switch_context("")
        return outcome

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """How long it took, set-up included."""
        self._seconds[report.nodeid] += report.duration

    def pytest_sessionfinish(self) -> None:
        """Writes what was seen."""
        self._coverage.stop()
        data = self._coverage.get_data()
        lines = {
            str(Path(file).relative_to(Path.cwd())): {
                str(line): [test for test in contexts if test in self._seconds]
                for line, contexts in data.contexts_by_lineno(file).items()
            }
            for file in data.measured_files()
        }
        seconds = {test: round(took, 4) for test, took in self._seconds.items()}
        self._target.write_text(json.dumps({"seconds": seconds, "lines": lines}))


def pytest_configure(config: pytest.Config) -> None:
    """Listens to this run."""
    config.pluginmanager.register(Recorder(Path(os.environ["MUTANTS_RECORD"]).absolute()), "recorder")
