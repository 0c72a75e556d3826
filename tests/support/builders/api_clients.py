"""Callers of the deployed HTTP API, each with credentials of its own kind."""

import httpx

from local.engine import Stack
from local.engine.environment import ACCOUNT, REGION, SECRET_KEY
from workspace_exports.aws.sigv4 import AwsKey, Scope, SigV4Auth

_TIMEOUT_SECONDS = 40.0


def anonymous(stack: Stack) -> httpx.Client:
    """Somebody without credentials."""
    if not stack.http_url:
        raise ValueError("the stack has no HTTP API")
    return httpx.Client(base_url=stack.http_url, timeout=_TIMEOUT_SECONDS, trust_env=False)


def signing(stack: Stack) -> httpx.Client:
    """Somebody with an AWS key, who signs every call."""
    client = anonymous(stack)
    client.auth = SigV4Auth(AwsKey(ACCOUNT, SECRET_KEY), Scope(REGION, "execute-api"))
    return client


def bearing(stack: Stack, token: str) -> httpx.Client:
    """Somebody with a token."""
    client = anonymous(stack)
    client.headers["Authorization"] = f"Bearer {token}"
    return client
