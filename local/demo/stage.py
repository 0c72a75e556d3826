"""The demo's stage: a vendor, an engine, and the template deployed to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local.demo.faults import Faults
from local.engine import LocalEngine, Stack
from local.engine.bundle import deploy_bundle
from local.standin.accounts import DEMO_PROJECT_ID
from local.standin.server import VendorStandIn

_FAULT_SEED = 1
"""Of dice whose first throws hit: the demo makes few calls."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo plays on; everything ends with `set_up`'s block."""

    vendor: VendorStandIn
    engine: LocalEngine
    stack: Stack


@contextmanager
def set_up(task_seconds: float, faults: Faults) -> Iterator[Stage]:
    """Starts the vendor, faults and all, and the engine, and deploys `template.yaml` as it is."""
    vendor = VendorStandIn(
        task_seconds=task_seconds, fault_rate=faults.rate, fault_names=faults.names, fault_seed=_FAULT_SEED
    )
    with vendor, LocalEngine() as engine:
        parameters = {
            "WorkspaceProjectId": DEMO_PROJECT_ID,
            "PollShortestWaitSeconds": "1",
            # Each starts a process for each function: with more, two processors would only start processes.
            "ExportsAtOnce": "3",
        }
        yield Stage(vendor, engine, deploy_bundle(engine, vendor, parameters))
