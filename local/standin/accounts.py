"""Who the stand-in knows. Every demo value is invented and opens nothing anywhere else."""

from dataclasses import dataclass, field

DEMO_ACCESS_KEY = "DEMOACCESSKEYINVENTED"
DEMO_SECRET_KEY = "demo-secret-key-invented-for-the-stand-in"  # noqa: S105 - invented, opens nothing
DEMO_PROJECT_ID = "de30de30de30de30de30de30de30de30"
DEMO_REGION = "ap-southeast-3"
DEMO_USER_NAME = "demo-user-invented"
DEMO_PASSWORD = "demo-password-invented-for-the-stand-in"  # noqa: S105 - invented, opens nothing
DEMO_DOMAIN_NAME = "demo-domain-invented"


@dataclass(frozen=True)
class Account:
    """The secret half of an access key; with a security token the pair is a temporary one."""

    secret_key: str = field(repr=False)
    security_token: str | None = field(default=None, repr=False)


def demo_accounts() -> dict[str, str | Account]:
    """Answer the one key pair a stand-in knows unless told otherwise."""
    return {DEMO_ACCESS_KEY: DEMO_SECRET_KEY}


def demo_users() -> dict[str, str]:
    """Answer the one user name and password that may ask for a token."""
    return {DEMO_USER_NAME: DEMO_PASSWORD}
