"""A function that ends in the middle of its work, by its time limit or by its death: the next attempt lands once."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from local.engine import Execution
from tests.support.fixtures.deployment import Deployment
from tests.support.servers.faulty_storage.server import MisbehavingStorage
from tests.workflow.scenarios import DAY, RECORDS, path_of
from workspace_exports.client.download import KEPT_BACK_SECONDS

ENOUGH_SECONDS = 6
"""For a function that is not held up, on a machine with other things to do."""
ENOUGH_FOR_A_FILE_SECONDS = ENOUGH_SECONDS + int(KEPT_BACK_SECONDS)
"""A download ends so long before the function."""


@dataclass(frozen=True)
class Moment:
    """When it ends: storage has done what it was asked for, and the function does not know yet.

    Attributes:
        writes: the folder that is written to.
    """

    function: str
    state: str
    writes: str

    @property
    def enough_seconds(self) -> int:
        return ENOUGH_FOR_A_FILE_SECONDS if self.function == "FetchFile" else ENOUGH_SECONDS


ORDER, FETCH = "Order the export", "Fetch the file into the archive"
MOMENTS = {
    "before-its-order": Moment("StartExport", ORDER, "orders/by-time/"),
    "answer-not-noted": Moment("StartExport", ORDER, "orders/by-task/"),
    "uploading": Moment("FetchFile", FETCH, "data/"),
    "committing": Moment("FetchFile", FETCH, "manifests/"),
}
SHORT = {("committing", True)}
RUN_MOMENTS = {
    "plan-written": Moment("PlanArchive", "Name the missing days", "runs/"),
    "report-written": Moment("ReportArchive", "Report what came of the run", "runs/"),
}


@contextmanager
def ends(moment: Moment, deployment: Deployment, *, by_death: bool) -> Iterator[None]:
    """The function, once."""

    with ExitStack() as stack:
        storage = stack.enter_context(MisbehavingStorage(deployment.engine.url))
        timeout = None if by_death else moment.enough_seconds
        stack.enter_context(
            deployment.changed(moment.function, timeout_seconds=timeout, AWS_ENDPOINT_URL_S3=storage.url)
        )
        is_held = storage.hold(moment.writes)
        if by_death:
            stack.enter_context(_killed(deployment, moment.function, is_held))
        yield
        assert is_held.is_set()


@contextmanager
def _killed(deployment: Deployment, function: str, is_held: threading.Event) -> Iterator[None]:
    def kill() -> None:
        assert is_held.wait(60)
        for process in deployment.engine.processes(deployment.stack.resources[f"{function}Function"]):
            os.kill(process, signal.SIGKILL)

    killer = threading.Thread(target=kill, name="killer")
    killer.start()
    try:
        yield
    finally:
        killer.join()


def attempts(execution: Execution, state: str) -> int:
    return dict(path_of(execution))[state]


@pytest.mark.parametrize(
    ("moment", "by_death"),
    [
        pytest.param(moment, by_death, id=f"{name}-{'death' if by_death else 'time-out'}", marks=marks)
        for name, moment in MOMENTS.items()
        for by_death in (False, True)
        for marks in [() if (name, by_death) in SHORT else pytest.mark.long]
    ],
)
def test_an_export_lands_once(moment: Moment, *, by_death: bool, deployment: Deployment) -> None:
    # Another test's task of these very seconds could as well be the one whose answer is not noted.
    deployment.vendor.forget_tasks()
    with ends(moment, deployment, by_death=by_death):
        execution = deployment.run("ExportWorkflow", RECORDS)
    assert execution.status == "SUCCEEDED", execution.cause
    assert attempts(execution, moment.state) == 2
    assert len(deployment.vendor.tasks) == 1
    assert sorted(key.partition("/")[0] for key in deployment.landed()) == ["data", "manifests"]
    content = deployment.objects("data/")[execution.output["archived"]["key"]]
    assert content == deployment.vendor.report(execution.output["task_id"])


@pytest.mark.long
@pytest.mark.parametrize("by_death", [False, True], ids=["time-out", "death"])
@pytest.mark.parametrize("moment", RUN_MOMENTS.values(), ids=RUN_MOMENTS)
def test_a_run_is_planned_and_reported_on(moment: Moment, *, by_death: bool, deployment: Deployment) -> None:
    orders = len(deployment.vendor.tasks)
    with ends(moment, deployment, by_death=by_death):
        execution = deployment.run("ArchiveWorkflow", {"kinds": [RECORDS["kind"]], "first_day": DAY, "last_day": DAY})
    assert execution.status == "SUCCEEDED", execution.cause
    assert attempts(execution, moment.state) == 2
    assert (execution.output["planned"], execution.output["landed"]) == (1, 1)
    assert len(deployment.vendor.tasks) == orders + 1
