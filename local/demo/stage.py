"""The demo's stage: a vendor, an engine, and the template deployed to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local.artifact import ROOT, build
from local.engine import LocalEngine, Stack, deploy
from local.standin import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY, VendorStandIn


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo plays on; everything ends with `set_up`'s block."""

    vendor: VendorStandIn
    engine: LocalEngine
    stack: Stack


@contextmanager
def set_up(task_seconds: float) -> Iterator[Stage]:
    """Starts the vendor and the engine, and deploys `template.yaml` as it is."""
    artifact = build()
    with VendorStandIn(task_seconds=task_seconds) as vendor, LocalEngine() as engine:
        parameters = {
            "WorkspaceRegion": DEMO_REGION,
            "WorkspaceProjectId": DEMO_PROJECT_ID,
            "WorkspaceAccessKey": DEMO_ACCESS_KEY,
            "WorkspaceSecretKey": DEMO_SECRET_KEY,
            "WorkspaceEndpoint": vendor.url,
            "PollShortestWaitSeconds": "1",
            "ScheduleState": "DISABLED",
        }
        yield Stage(vendor, engine, deploy(engine, ROOT / "template.yaml", parameters, artifact))
