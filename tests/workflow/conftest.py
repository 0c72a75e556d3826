"""The real template on the embedded engine, its functions calling the stand-in; deployed once for modules in a row."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from local.artifact import ROOT, build
from local.demo.stage import SECRET, store_credentials
from local.engine import Execution, LocalEngine, Stack, configured, deploy, executions
from local.standin import DEMO_REGION, VendorStandIn
from tests import platform_log
from tests.leaks import CANARIED
from tests.permissions import recording
from tests.sharing import Shared
from tests.template.test_template import FUNCTIONS
from workspace_exports.core.clock import utc_now

WAIT_SCALE = 0.005
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/0f0f0f0f-0000-4000-8000-000000000000"


@dataclass(slots=True)
class VendorClock:
    """The vendor's time: the real one, or so far ahead of it."""

    ahead: timedelta = field(default=timedelta())

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@dataclass(frozen=True, slots=True)
class Deployment:
    vendor: VendorStandIn
    clock: VendorClock
    engine: LocalEngine
    stack: Stack

    def run(self, machine: str, payload: object) -> Execution:
        return executions.run(self.engine, self.stack.outputs[f"{machine}Arn"], payload, timeout_seconds=60)

    @property
    def archive(self) -> tuple[str, str]:
        """The archive's bucket, and what its keys begin with."""
        bucket, _, prefix = self.stack.outputs["ArchiveUrl"].removeprefix("s3://").partition("/")
        return bucket, f"{prefix}/"

    def landed(self) -> dict[str, bytes]:
        """What readers of the archive see, by key."""
        return self.objects("data/", "manifests/")

    def objects(self, *below: str) -> dict[str, bytes]:
        """Everything below the archive's URL, or in these folders of it, by key."""
        storage, (bucket, prefix) = self.engine.client("s3"), self.archive
        return {
            key: storage.get_object(Bucket=bucket, Key=f"{prefix}{key}")["Body"].read()
            for folder in below or ("",)
            for key in self.keys(folder)
        }

    def keys(self, below: str = "") -> list[str]:
        """The keys of all objects, or of those in that folder."""
        bucket, prefix = self.archive
        pages = self.engine.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix + below)
        return [item["Key"].removeprefix(prefix) for page in pages for item in page.get("Contents", [])]

    def lines(self) -> list[list[str]]:
        """Every line of the log so far, function by function."""
        names = [own for name, own in sorted(self.stack.resources.items()) if name.endswith("Function")]
        return [self.engine.logs(name) for name in names]

    def put(self, key: str, document: object) -> None:
        """Writes a JSON object below the archive's URL."""
        bucket, prefix = self.archive
        self.engine.client("s3").put_object(Bucket=bucket, Key=f"{prefix}{key}", Body=json.dumps(document).encode())

    def uses(self, since: int) -> set[str]:
        """What the functions have asked of AWS, the engine's first calls left out."""
        resources = self.stack.resources
        bucket, prefix = self.archive
        secrets = self.engine.client("secretsmanager").list_secrets()["SecretList"]
        stage = recording.Stage(
            functions={resources[name]: name.removesuffix("Function") for name in FUNCTIONS},
            bucket=bucket,
            prefix=prefix,
            key_arn=KEY_ARN,
            names={self.stack.outputs["ExportWorkflowArn"]: "ExportWorkflow"}
            | {one["ARN"]: "credentials" if one["Name"] == SECRET else "credentials-of-a-target" for one in secrets},
        )
        return recording.uses_of(stage, self.engine.calls[since:])

    @contextmanager
    def changed(self, function: str, *, timeout_seconds: int | None = None, **variables: str) -> Iterator[None]:
        """Gives one function other settings or less time, for a while and from a fresh start."""
        name = self.stack.resources[f"{function}Function"]
        with configured(self.engine, name, variables, timeout_seconds=timeout_seconds):
            yield

    def empty_archive(self) -> None:
        bucket, prefix = self.archive
        if keys := self.keys():
            self.engine.client("s3").delete_objects(
                Bucket=bucket, Delete={"Objects": [{"Key": f"{prefix}{key}"} for key in keys]}
            )


@contextmanager
def deploying() -> Iterator[Deployment]:
    """The template as it is, and all it needs."""
    artifact = build()
    clock = VendorClock()
    with (
        VendorStandIn(contents=CANARIED, task_seconds=0, clock=clock) as vendor,
        LocalEngine(wait_scale=WAIT_SCALE) as engine,
    ):
        parameters = {
            "WorkspaceRegion": DEMO_REGION,
            "CredentialsSecretArn": store_credentials(engine),
            "WorkspaceEndpoint": vendor.url,
            # No project: it is looked up by region.
            "IamEndpoint": vendor.url,
            "PollDeadlineSeconds": "5",
            "VendorAttempts": "1",
            # The demo deploys without what follows. Nothing here fires a schedule.
            "ScheduleState": "ENABLED",
            "AlarmEmail": "team@example.com",
            "ArchiveKeyArn": KEY_ARN,
            # Whatever is logged at all: no secret may be in it.
            "LogLevel": "DEBUG",
            "ArchiveTags": "team=audit&retention=7y",
        }
        yield Deployment(vendor, clock, engine, deploy(engine, ROOT / "template.yaml", parameters, artifact))


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
    deployed.engine.forget_names()
    deployed.clock.ahead = timedelta()
    before = [len(lines) for lines in deployed.lines()]
    yield deployed
    assert not deployed.vendor.pending_faults
    written = [line for lines, passed in zip(deployed.lines(), before, strict=True) for line in lines[passed:]]
    assert platform_log.misread(written) == []
    assert [line for level in platform_log.OFFERED for line in platform_log.lost(written, level)] == []


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


Run = Callable[..., Execution]


@pytest.fixture
def export(deployment: Deployment) -> Run:
    return lambda **request: deployment.run("ExportWorkflow", request)


def states_of(execution: Execution) -> list[Any]:
    """The states it went through, in order."""
    return [e["stateEnteredEventDetails"]["name"] for e in execution.events if "stateEnteredEventDetails" in e]
