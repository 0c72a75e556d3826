"""For every test: nothing of the machine it runs on gets in, and nothing that must stay hidden gets out."""

import gc
import io
import logging
import os
import re
import sys
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from coverage import Coverage
from hypothesis import settings

from tests.leaks import leaks

_AMBIENT = re.compile(
    r"(ARCHIVE|AWS|DELETE|HUAWEICLOUD|POLL|POWERTOOLS|STACK|VENDOR|WORKSPACE)_.*|LOG_LEVEL|SSL_CERT_(DIR|FILE)|.*_PROXY",
    re.IGNORECASE,
)
"""What the product, its libraries or the engine would read: profiles, endpoints, proxies, settings."""


settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Forgets the developer's variables before a test module, and with it the product, is imported."""
    environment = pytest.MonkeyPatch()
    for name in filter(_AMBIENT.fullmatch, list(os.environ)):
        environment.delenv(name)
    config.add_cleanup(environment.undo)


def pytest_collection_finish() -> None:
    """Nothing of what has been imported is looked through for garbage again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def log() -> Iterator[io.StringIO]:
    """The functions' log as it is written; no test may end with a secret or somebody's data in it.

    It listens itself: the logger's own handler keeps the standard output of import time, which `capfd` misses.
    """
    from workspace_exports.log import logger  # noqa: PLC0415 - reads its level from the environment

    listener = logging.StreamHandler(stream := io.StringIO())
    listener.setFormatter(logger.registered_formatter)
    target = logging.getLogger("workspace-exports")
    target.addHandler(listener)
    yield stream
    target.removeHandler(listener)
    assert leaks(stream.getvalue()) == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measures coverage where examples are plain and the product runs in this process.

    Tracing costs half as much again. What it leaves out can only be missed in the report, never be in it by mistake.
    """
    _trace_no_server()
    coverage = Coverage.current()
    if coverage is None or _is_measured(item):
        return (yield)
    coverage.stop()
    try:
        return (yield)
    finally:
        coverage.start()


def _is_measured(item: pytest.Item) -> bool:
    elsewhere = {"browser", "template", "workflow"}.intersection(item.path.relative_to(Path(__file__).parent).parts)
    return not elsewhere and not any(map(item.get_closest_marker, ("hypothesis", "no_cover")))


def _trace_no_server() -> None:
    """Of the threads yet to be started only those of a pool are traced, as the product starts no others."""
    trace: Any = threading.gettrace()
    if trace is None or trace.__name__ == "trace_pools":
        return

    def trace_pools(frame: FrameType, event: str, arg: object) -> Any:
        if threading.current_thread().name.startswith("ThreadPoolExecutor"):
            return trace(frame, event, arg)
        sys.settrace(None)
        return None

    threading.settrace(trace_pools)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fails a test that printed what must stay hidden."""
    report = yield
    found = leaks(report.capstdout + report.capstderr + report.caplog)
    if report.passed and found:
        report.outcome, report.longrepr = "failed", f"printed during {report.when}: {found}"
    return report
