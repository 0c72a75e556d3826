"""The real template on the embedded engine, its functions calling the stand-in; deployed once for modules in a row."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.permissions import recording
from tests.support.checks import lambda_log
from tests.support.fixtures.archive_runs import audience, subscribed
from tests.support.fixtures.deployment import Deployment, Run, deploying
from tests.support.fixtures.shared import Shared


@pytest.fixture(scope="session")
def shared() -> Iterator[Shared[Deployment]]:
    """The one deployment of all modules in a row that ask for it, so that its functions start cold once."""
    shared = Shared(deploying)
    yield shared
    shared.end()


@pytest.fixture(scope="module")
def deployed(shared: Shared[Deployment]) -> Deployment:
    return shared.get()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Function, nextitem: pytest.Function | None) -> None:
    """Ends it before a module that does not ask: an engine is alone in its process, whose environment it changes."""
    shared: Any = item.funcargs.get("shared")
    if shared and not (nextitem and (nextitem.path == item.path or "shared" in nextitem.fixturenames)):
        shared.end()


@pytest.fixture
def deployment(deployed: Deployment) -> Iterator[Deployment]:
    """The deployment with an empty archive and free names; a test that scripts faults uses them up.

    Whatever a test is about, Lambda understands each line that the functions write, and loses none that matters.
    """
    deployed.empty_archive()
    # A task of the test before, without an order in the emptied archive, would be a stranger's of the same second.
    deployed.vendor.forget_tasks()
    deployed.engine.forget_names()
    deployed.clock.ahead = timedelta()
    before = [len(lines) for lines in deployed.lines()]
    yield deployed
    assert not deployed.vendor.pending_faults
    written = [line for lines, passed in zip(deployed.lines(), before, strict=True) for line in lines[passed:]]
    assert lambda_log.misread(written) == []
    assert [line for level in lambda_log.OFFERED for line in lambda_log.lost(written, level)] == []


@pytest.fixture(autouse=True)
def permissions(request: pytest.FixtureRequest) -> Iterator[None]:
    """Sees to it that the functions ask nothing of AWS that the test of permissions does not know of."""
    if "shared" not in request.fixturenames:
        yield
        return
    deployed: Deployment = request.getfixturevalue("deployed")
    begun = len(deployed.engine.calls)
    yield
    uses = deployed.uses(begun)
    # A call that an earlier test has left behind may find the archive emptied.
    new = recording.found_or_not(uses) - recording.found_or_not(recording.known())
    assert sorted(new) == [], f"not in {recording.USES}; what is meant goes there, under this test"
    assert sorted(set(recording.required().get(request.node.nodeid, ())) - uses) == [], f"{recording.USES} says so"


@pytest.fixture
def export(deployment: Deployment) -> Run:
    return lambda **request: deployment.run("ExportWorkflow", request)


__all__ = ["audience", "subscribed"]
