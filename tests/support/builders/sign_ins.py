"""Ways to sign in at the stand-in, and one call to it."""

from local.standin.accounts import (
    DEMO_DOMAIN_NAME,
    DEMO_PASSWORD,
    DEMO_PROJECT_ID,
    DEMO_REGION,
    DEMO_USER_NAME,
)
from local.standin.server import VendorStandIn
from workspace_exports.client.config import ClientConfig
from workspace_exports.client.credentials import Credentials, Login
from workspace_exports.client.credentials.providers import CredentialProvider
from workspace_exports.client.retry import RetryPolicy
from workspace_exports.client.workspace import connect
from workspace_exports.core.deadline import Deadline

DEMO_LOGIN = Login(DEMO_USER_NAME, DEMO_PASSWORD, DEMO_DOMAIN_NAME)
LOGIN = Credentials(DEMO_LOGIN)


def sign_in(
    vendor: VendorStandIn, source: CredentialProvider, project_id: str | None = DEMO_PROJECT_ID
) -> ClientConfig:
    """Return a configuration that signs in at the stand-in with the provider's credentials."""
    return ClientConfig(DEMO_REGION, vendor.url, vendor.url, source, project_id)


def look(way: ClientConfig) -> None:
    """Check the status of a task that does not exist."""
    assert connect(way, Deadline.after(60), RetryPolicy(attempts=1)).find_task("no-such-task") is None
