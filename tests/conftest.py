"""For every test: nothing of the machine it runs on gets in, and nothing that must stay hidden gets out."""

import gc
import io
import logging
import os
import re
import signal
from collections.abc import Generator, Iterator

import pytest
from hypothesis import settings

from local.standin.server import VendorStandIn
from tests.support.checks.leaks import CANARIED, leaks

_AMBIENT = re.compile(
    r"(ARCHIVE|AWS|DELETE|HUAWEICLOUD|POLL|POWERTOOLS|STACK|VENDOR|WORKSPACE)_.*|LOG_LEVEL|SSL_CERT_(DIR|FILE)|.*_PROXY",
    re.IGNORECASE,
)
"""What the product, its libraries or the engine would read: profiles, endpoints, proxies, settings."""


_SIZES = ("check", "long", "nightly", "browser", "rules")
_ROWS_IN_TEST = 8
_ROWS_IN_CHECK = 20
"""Rows of one table that `make test` runs, so that it stays under four minutes."""

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure(config: pytest.Config) -> None:
    """Forgets the developer's variables before a test module, and with it the product, is imported.

    A shell starts what runs in its background with SIGINT ignored, and so would every program that a test starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    environment = pytest.MonkeyPatch()
    for name in filter(_AMBIENT.fullmatch, list(os.environ)):
        environment.delenv(name)
    config.add_cleanup(environment.undo)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Spread the rows of a long table: a few for `make test`, some for `make check`, the rest for `make test-nightly`.

    A file that is named runs whole tables.
    """
    if any(".py" in argument for argument in config.args):
        return
    tables: dict[str, list[pytest.Item]] = {}
    for item in items:
        if not any(map(item.get_closest_marker, _SIZES)):
            tables.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for rows in tables.values():
        in_test, in_check = _spread(len(rows), _ROWS_IN_TEST), _spread(len(rows), _ROWS_IN_CHECK)
        for number, row in enumerate(rows):
            if number not in in_test:
                row.add_marker(pytest.mark.check if number in in_check else pytest.mark.nightly)


def _spread(size: int, most: int) -> set[int]:
    """Return numbers of rows, evenly from the first to the last, at most so many."""
    return {round(n * (size - 1) / (most - 1)) for n in range(most)}


def pytest_collection_finish() -> None:
    """Nothing of what has been imported is looked through for garbage again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def log() -> Iterator[io.StringIO]:
    """The functions' log as it is written; no test may end with a secret or somebody's data in it.

    It listens itself: the logger's own handler keeps the standard output of import time, which `capfd` misses.
    """
    from workspace_exports.core.log import logger  # noqa: PLC0415 - reads its level from the environment

    listener = logging.StreamHandler(stream := io.StringIO())
    listener.setFormatter(logger.registered_formatter)
    target = logging.getLogger("workspace-exports")
    target.addHandler(listener)
    yield stream
    target.removeHandler(listener)
    assert leaks(stream.getvalue()) == []


@pytest.fixture
def vendor() -> Iterator[VendorStandIn]:
    """A vendor that has every file ready at once; a test that wants to wait says so."""
    with VendorStandIn(contents=CANARIED, task_seconds=0) as vendor:
        yield vendor


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fails a test that printed what must stay hidden."""
    report = yield
    found = leaks(report.capstdout + report.capstderr + report.caplog)
    if report.passed and found:
        report.outcome, report.longrepr = "failed", f"printed during {report.when}: {found}"
    return report
