"""The demo's stage: a vendor, an engine, and the template deployed to it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local.artifact import ROOT, build
from local.demo.faults import Faults
from local.engine import LocalEngine, Stack, deploy
from local.standin import DEMO_ACCESS_KEY, DEMO_PROJECT_ID, DEMO_REGION, DEMO_SECRET_KEY, VendorStandIn

SECRET = "workspace-exports/vendor"  # noqa: S105 - a name
"""The name of the secret with the key of the vendor."""
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
    artifact = build()
    vendor = VendorStandIn(
        task_seconds=task_seconds, fault_rate=faults.rate, fault_names=faults.names, fault_seed=_FAULT_SEED
    )
    with vendor, LocalEngine() as engine:
        parameters = {
            "WorkspaceRegion": DEMO_REGION,
            "WorkspaceProjectId": DEMO_PROJECT_ID,
            "CredentialsSecretArn": store_credentials(engine),
            "WorkspaceEndpoint": vendor.url,
            "PollShortestWaitSeconds": "1",
            # Each starts a process for each function: with more, two processors would only start processes.
            "ExportsAtOnce": "3",
            "ScheduleState": "DISABLED",
        }
        yield Stage(vendor, engine, deploy(engine, ROOT / "template.yaml", parameters, artifact))


def store_credentials(engine: LocalEngine) -> str:
    """Puts the stand-in's key into the engine's Secrets Manager; the secret's ARN."""
    text = json.dumps({"access_key": DEMO_ACCESS_KEY, "secret_key": DEMO_SECRET_KEY})
    secret = engine.client("secretsmanager").create_secret(Name=SECRET, SecretString=text)
    return str(secret["ARN"])
