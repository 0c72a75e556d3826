"""The embedded engine: AWS as far as this project needs it, inside one process.

``server`` runs it, ``deployer`` deploys a SAM template to it, ``executions`` starts state machines and waits for them.
"""

from local.engine import executions
from local.engine.configuration import configured
from local.engine.deployer import DeploymentError, Stack, deploy, update
from local.engine.emulator import Call
from local.engine.executions import Execution
from local.engine.server import LocalEngine
from local.engine.state_machines import Retry

__all__ = [
    "Call",
    "DeploymentError",
    "Execution",
    "LocalEngine",
    "Retry",
    "Stack",
    "configured",
    "deploy",
    "executions",
    "update",
]
