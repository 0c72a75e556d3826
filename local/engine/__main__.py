"""`make engine`: the local engine and the stand-in vendor, for a deployment with AWS's own tools."""

import argparse
import signal
import threading
from contextlib import suppress
from types import FrameType

from local.engine.bundle import store_credentials
from local.engine.environment import ACCOUNT, REGION, SECRET_KEY
from local.engine.server import LocalEngine
from local.standin.accounts import DEMO_PROJECT_ID, DEMO_REGION
from local.standin.server import VendorStandIn
from local.terminal import open_console

_SAID = """\
A local engine is at {engine}, a stand-in for the vendor at {vendor}, until Ctrl-C.
Its secret holds the stand-in's key. In another terminal:

export AWS_ENDPOINT_URL={engine} AWS_DEFAULT_REGION={region} AWS_ACCESS_KEY_ID={account} AWS_SECRET_ACCESS_KEY={key}
make deploy PARAMETERS='WorkspaceRegion={workspace_region} WorkspaceProjectId={project} CredentialsSecretArn={secret} \
WorkspaceEndpoint={vendor} ScheduleState=DISABLED'
"""


def main() -> None:
    """Serves until Ctrl-C."""
    argparse.ArgumentParser(prog="python -m local.engine", description=__doc__).parse_args()
    console = open_console()
    with VendorStandIn() as vendor, LocalEngine() as engine:
        said = _SAID.format(
            engine=engine.url,
            vendor=vendor.url,
            region=REGION,
            account=ACCOUNT,
            key=SECRET_KEY,
            workspace_region=DEMO_REGION,
            project=DEMO_PROJECT_ID,
            secret=store_credentials(engine),
        )
        console.print(said, end="", highlight=False, markup=False, soft_wrap=True)
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    console.print("Stopped; nothing is left running", soft_wrap=True)


def _end(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _end)
    main()
