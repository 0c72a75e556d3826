"""Many projects on the whole local stack: the template deployed to the engine, its functions calling the stand-in."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from typing import Any

from local.artifact import ROOT, build
from local.engine import Execution, LocalEngine, deploy, executions
from local.engine.bundle import store_credentials
from local.standin.accounts import DEMO_REGION
from local.standin.server import VendorStandIn
from tests.support.checks.leaks import CANARIED
from tests.support.fixtures.deployment import Deployment, VendorClock
from tests.support.servers.faulty_storage.faults import REPEATED
from tests.support.servers.faulty_storage.server import MisbehavingStorage
from workspace_exports.core.clock import utc_now
from workspace_exports.exports.windows import LATE_DATA

PROJECTS = [f"{n:032x}" for n in range(1, 21)]
TIMEOUT_SECONDS = 3600


@contextmanager
def deploying(kinds: Sequence[str], **vendor: Any) -> Iterator[Deployment]:
    """Those kinds of all the projects are to be archived, from a vendor that behaves like that."""
    with (
        VendorStandIn(
            contents=CANARIED, task_seconds=0.05, report_rows=1, further_project_ids=PROJECTS, **vendor
        ) as stand_in,
        LocalEngine(wait_scale=0.02) as engine,
    ):
        parameters = {
            "WorkspaceRegion": DEMO_REGION,
            "WorkspaceProjectId": PROJECTS[0],
            "CredentialsSecretArn": store_credentials(engine),
            "WorkspaceEndpoint": stand_in.url,
            "ArchiveTargets": "true",
            "PollShortestWaitSeconds": "1",
            "ScheduleState": "DISABLED",
        }
        stack = deploy(engine, ROOT / "template.yaml", parameters, build())
        deployment = Deployment(stand_in, VendorClock(), engine, stack)
        targets = [{"project_id": project, "kinds": list(kinds)} for project in PROJECTS]
        deployment.put("targets.json", {"targets": targets})
        yield deployment


@contextmanager
def misbehaving_storage(deployment: Deployment, fault_rate: float, seed: int) -> Iterator[MisbehavingStorage]:
    """So many of the functions' calls to the archive fail at random, in ways that a storage client repeats.

    What it does not repeat ends a function: one that lists a hundred folders would never get through.
    """
    functions = [name for name in deployment.stack.resources if name.endswith("Function")]
    with ExitStack() as stack:
        storage = MisbehavingStorage(
            deployment.engine.url, fault_rate=fault_rate, fault_seed=seed, fault_names=REPEATED
        )
        stack.enter_context(storage)
        for name in functions:
            stack.enter_context(deployment.changed(name.removesuffix("Function"), AWS_ENDPOINT_URL_S3=storage.url))
        yield storage


def last_days(count: int) -> list[date]:
    """The last that have settled, the oldest first."""
    first_unsettled = (utc_now() - LATE_DATA).date()
    return [first_unsettled - timedelta(days=n) for n in range(count, 0, -1)]


def archive(deployment: Deployment, days: Sequence[date]) -> Execution:
    """One run of the archive workflow over those days, to its end."""
    request = {"first_day": str(days[0]), "last_day": str(days[-1])}
    machine = deployment.stack.outputs["ArchiveWorkflowArn"]
    return executions.run(deployment.engine, machine, request, TIMEOUT_SECONDS)


def each_window_once(objects: dict[str, bytes], kinds: Sequence[str], days: Sequence[date]) -> None:
    """Every manifest names an object of its own, and there is no other object."""
    manifests = [json.loads(content) for key, content in objects.items() if key.startswith("manifests/")]
    windows = Counter((found["project_id"], found["kind"], found["window"]["day"]) for found in manifests)
    assert windows == {(project, kind, str(day)): 1 for project in PROJECTS for kind in kinds for day in days}
    assert sorted(found["key"] for found in manifests) == sorted(key for key in objects if key.startswith("data/"))
