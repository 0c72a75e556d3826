"""The bundle on the local engine: `template.yaml` as it is, with the stand-in's key in the engine's Secrets Manager."""

import json
from collections.abc import Mapping

from local.artifact import ROOT, build
from local.engine.deployer import Stack, deploy
from local.engine.server import LocalEngine
from local.standin.accounts import DEMO_ACCESS_KEY, DEMO_REGION, DEMO_SECRET_KEY
from local.standin.server import VendorStandIn

SECRET = "workspace-exports/vendor"  # noqa: S105 - a name
"""Name of the secret with the vendor's key."""
_KEY = {"access_key": DEMO_ACCESS_KEY, "secret_key": DEMO_SECRET_KEY}


def store_credentials(engine: LocalEngine, credentials: Mapping[str, str] = _KEY) -> str:
    """Store the stand-in's key, or other credentials, in the engine's Secrets Manager; return the secret's ARN."""
    secret = engine.client("secretsmanager").create_secret(Name=SECRET, SecretString=json.dumps(credentials))
    return str(secret["ARN"])


def deploy_bundle(engine: LocalEngine, vendor: VendorStandIn, parameters: Mapping[str, str]) -> Stack:
    """Build the bundle and deploy `template.yaml`, without its schedule and with the stand-in as the vendor.

    Args:
        engine: where it is deployed; has no stack of that name.
        vendor: what it calls; it listens.
        parameters: of the template; they replace those that are set here.
    """
    given = {"WorkspaceRegion": DEMO_REGION, "WorkspaceEndpoint": vendor.url, "ScheduleState": "DISABLED", **parameters}
    if "CredentialsSecretArn" not in given:
        given["CredentialsSecretArn"] = store_credentials(engine)
    return deploy(engine, ROOT / "template.yaml", given, build())
